/** Tasks that use up memory: they fail with a word that says so, and their runner goes on. */
import { expect, it } from "vitest";
import { canonicalJson, sha256Hex } from "#server/core/flow/canonical.ts";
import type { CompiledFlow } from "#server/core/flow/spec.ts";
import { inWorlds } from "../../../test/engine/faults.ts";
import { awaitRun, readAttempts, startRun, storeFlow } from "../../../test/engine/runs.ts";
import { buildFlow, type TaskDraft } from "../../../test/flow-builder.ts";

/** So much, in MB, may a process of Node.js keep here: enough for a runner, soon used up. */
const HEAP = "--max-old-space-size=96";
const EAT = "const kept = []; for (;;) kept.push(new Array(100_000).fill(kept.length));";
const bundle = `export default { [Symbol.for("idem.flow.1")]: { tasks: {
  eats: { run: () => { ${EAT} } },
  killed: { run: () => { console.log("reading rows"); process.kill(process.pid, "SIGKILL"); for (;;); } },
  fine: { run: () => "fine" },
} } };`;

const shell = (run: string): TaskDraft => ({ type: "shell", with: { run } });
const call = (handler: string, needs: string[] = []): TaskDraft => ({
  type: "function",
  with: { handler },
  needs,
  ...(needs.length > 0 ? { if: "always()" } : {}),
});

function giveBundle(flow: CompiledFlow, source: string): void {
  flow.spec.bundle = sha256Hex(source);
  flow.blobs.push({ sha256: flow.spec.bundle, bytes: Buffer.from(source) });
  flow.canonical = canonicalJson(flow.spec);
  flow.hash = sha256Hex(flow.canonical);
}

it("is told of, whoever ends the task, and costs neither the runner nor what comes after", async () => {
  await inWorlds(1, async (world) => {
    const runner = await world.startRunner({}, [HEAP]);
    const flow = buildFlow("eaters", {
      program: shell(`node ${HEAP} -e '${EAT}'`),
      function: call("eats"),
      // As the system does it.
      "program-killed": shell("echo 'ERROR: 1 row skipped'; kill -9 $$"),
      "child-killed": shell("echo reading rows; sh -c 'kill -9 $$'; exit $?"),
      "function-killed": call("killed"),
      after: call("fine", ["function", "function-killed"]),
    });
    giveBundle(flow, bundle);
    const run = await startRun(world.pool, await storeFlow(world.pool, flow), { key: "the one" });
    await awaitRun(world.pool, run);
    const attempts = await readAttempts(world.pool, run);
    expect(new Set(attempts.map(({ runnerId }) => runnerId))).toEqual(new Set([runner.id]));
    const heap = expect.stringMatching(/heap out of memory/);
    const told = (start: string) =>
      expect.stringMatching(new RegExp(`^${start}.*SIGKILL\\. The system .* memory runs out`));
    expect(
      Object.fromEntries(
        attempts.map(({ ordinal, state, error }) => [
          flow.graph.taskIds[ordinal],
          [state, error?.message],
        ]),
      ),
    ).toEqual({
      program: ["failed", heap],
      function: ["failed", heap],
      "program-killed": ["failed", told("Ended by")],
      "child-killed": ["failed", told("Exit code 137\\. A program was ended by")],
      "function-killed": ["failed", told("The function's process was ended by")],
      after: ["succeeded", undefined],
    });
    expect(await world.finish(["the one"])).toEqual([]);
  });
});

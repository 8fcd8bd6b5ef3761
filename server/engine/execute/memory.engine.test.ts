/** Tasks that use up memory: they fail with a word that says so, and their runner goes on. */
import { expect, it } from "vitest";
import { inWorlds } from "../../../test/engine/faults.ts";
import { awaitRun, readAttempts, startRun, storeFlow } from "../../../test/engine/runs.ts";
import { buildFlow } from "../../../test/flow-builder.ts";
import { call, giveFunctions, shell } from "../../../test/task-drafts.ts";

/** So much, in MB, may a process of Node.js keep here: enough for a runner, soon used up. */
const HEAP = "--max-old-space-size=96";
const EAT = "const kept = []; for (;;) kept.push(new Array(100_000).fill(kept.length));";
const functions = `
const { readFileSync } = await import("node:fs");
const tasks = {
  eats: { run: () => { ${EAT} } },
  killed: { run: () => { console.log("reading rows"); process.kill(process.pid, "SIGKILL"); for (;;); } },
  fine: { run: () => "fine" },
  score: { run: () => Number(readFileSync("/proc/self/oom_score_adj", "utf8")) },
};`;

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
      after: call("fine", { needs: ["function", "function-killed"], if: "always()" }),
    });
    giveFunctions(flow, functions);
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

it.runIf(process.platform === "linux")("lets the system end tasks first", async () => {
  // The mark is put right after the start: the shell may be faster by a moment.
  const score =
    'until [ "$(cat /proc/self/oom_score_adj)" -ge 800 ]; do sleep 0.01; done; cat /proc/self/oom_score_adj > "$IDEM_OUTPUT"';
  await inWorlds(1, async (world) => {
    await world.startRunner();
    const flow = buildFlow("scores", {
      function: call("score"),
      program: { ...shell(score), timeoutMs: 60_000 },
    });
    giveFunctions(flow, functions);
    const run = await startRun(world.pool, await storeFlow(world.pool, flow), { key: "the one" });
    expect((await awaitRun(world.pool, run)).state).toBe("succeeded");
    const { rows } = await world.pool.query("select output from task_output where run_id = $1", [
      run,
    ]);
    expect(rows).toEqual([{ output: 800 }, { output: 800 }]);
    expect(await world.finish(["the one"])).toEqual([]);
  });
});

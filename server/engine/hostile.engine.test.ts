/** Tasks that eat memory, and a flow that does everything wrong among a hundred that do not. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { canonicalJson, sha256Hex } from "#server/core/flow/canonical.ts";
import type { RunnerProcess } from "../../test/engine/runner-process.ts";
import {
  type AttemptRow,
  awaitRun,
  readAttempts,
  readTasks,
  type StoredFlow,
  startRun,
  storeFlow,
} from "../../test/engine/runs.ts";
import { createWorld, type EngineWorld } from "../../test/engine/world.ts";
import { buildFlow, type TaskDraft } from "../../test/flow-builder.ts";

let world: EngineWorld;
let runner: RunnerProcess;
beforeAll(async () => {
  world = await createWorld();
  runner = await world.startRunner();
});
afterAll(async () => {
  await world.remove();
});

const HANDLERS = `
  const { readFileSync } = require("node:fs");
  const tasks = {
    score: { run: () => Number(readFileSync("/proc/self/oom_score_adj", "utf8")) },
    dies: { run: () => { process.kill(process.pid, "SIGKILL"); for (;;); } },
  };
  module.exports = { [Symbol.for("idem.flow.1")]: { tasks } };
`;
const BUNDLE = `import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
const module = { exports: {} };
${HANDLERS}
export default module.exports;`;

const shell = (run: string, draft: TaskDraft = {}): TaskDraft => ({
  type: "shell",
  with: { run },
  ...draft,
});
const call = (handler: string): TaskDraft => ({ type: "function", with: { handler } });

async function store(id: string, tasks: Record<string, TaskDraft>): Promise<StoredFlow> {
  const flow = buildFlow(id, tasks);
  const sha256 = sha256Hex(BUNDLE);
  flow.spec.bundle = sha256;
  flow.blobs.push({ sha256, bytes: Buffer.from(BUNDLE) });
  flow.canonical = canonicalJson(flow.spec);
  flow.hash = sha256Hex(flow.canonical);
  return storeFlow(world.pool, flow);
}

/** How the last attempt of each task ended, by task id. */
async function endsOf(
  { flow }: StoredFlow,
  runId: string,
): Promise<Record<string, Pick<AttemptRow, "state" | "error">>> {
  const attempts = await readAttempts(world.pool, runId);
  return Object.fromEntries(
    attempts.map(({ ordinal, state, error }) => [
      flow.graph.taskIds[ordinal] ?? "",
      { state, error },
    ]),
  );
}

it.runIf(process.platform === "linux")(
  "tasks that run out of memory fail with the reason, and are what the system would end first",
  async () => {
    const eat = "const all = []; for (;;) all.push(new Array(100000).fill(all.length));";
    // The mark is put right after the start: the shell may be faster by a moment.
    const score =
      'until [ "$(cat /proc/self/oom_score_adj)" -ge 800 ]; do sleep 0.01; done; echo "$(cat /proc/self/oom_score_adj)" > "$IDEM_OUTPUT"';
    const stored = await store("memory", {
      eats: shell(`exec "${process.execPath}" --max-old-space-size=24 -e '${eat}'`),
      killed: shell("kill -KILL $$"),
      dies: call("dies"),
      score: call("score"),
      shell: shell(score, { timeoutMs: 60_000 }),
    });
    const runId = await startRun(world.pool, stored, { key: "memory" });
    expect((await awaitRun(world.pool, runId)).state).toBe("failed");
    expect(await endsOf(stored, runId)).toMatchObject({
      eats: { state: "failed", error: { message: expect.stringMatching(/heap out of memory/) } },
      killed: {
        state: "failed",
        error: { kind: "signal", message: expect.stringMatching(/SIGKILL.*memory runs out/) },
      },
      dies: { state: "failed", error: { message: expect.stringMatching(/ended by SIGKILL/) } },
      score: { state: "succeeded" },
      shell: { state: "succeeded" },
    });
    const { rows } = await world.pool.query(
      "select output from task_output where run_id = $1 order by ordinal",
      [runId],
    );
    expect(rows.map(({ output }) => output)).toEqual([800, 800]);
    expect(runner.alive()).toBe(true);
  },
);

it("one poison flow costs a hundred others nothing", async () => {
  const poison = await store("poison", {
    nul: shell(`printf '{"a": "\\\\u0000"}' > "$IDEM_OUTPUT"`),
    json: shell(`printf '{"a": ' > "$IDEM_OUTPUT"`),
    folder: shell('mkdir "$IDEM_OUTPUT"'),
    endless: shell('head -c 2000000 /dev/zero > "$IDEM_OUTPUT"'),
    bytes: shell("head -c 300000 /dev/urandom; exit 3"),
    line: shell("head -c 5000000 /dev/zero | tr '\\0' x; exit 4"),
    template: shell("true", { env: { X: "{{ params.nobody }}" } }),
    list: { ...shell("true"), forEach: { over: "{{ params.nobody }}", batch: 1 } },
    forks: shell("for i in 1 2 3 4 5 6 7 8; do (setsid sleep 4444 &) ; done; exit 5"),
    deaf: shell("trap '' TERM INT HUP; while :; do sleep 0.1; done", { timeoutMs: 500 }),
    nobody: call("nobody"),
    nowhere: { type: "http", with: { url: "http://127.0.0.1:1/" } },
    unknown: { type: "teleport" },
    after: { needs: ["nul"] },
  });
  const good = await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      storeFlow(
        world.pool,
        buildFlow(`good-${n}`, {
          a: n % 10 === 0 ? world.witness.task(1) : {},
          b: { needs: ["a"] },
        }),
      ),
    ),
  );
  const bad: string[] = [];
  const keys: string[] = [];
  const runs: string[] = [];
  for (const [n, stored] of good.entries()) {
    const key = `good ${n}`;
    keys.push(key);
    if (n % 25 === 0) {
      keys.push(`bad ${n}`);
      bad.push(await startRun(world.pool, poison, { key: `bad ${n}` }));
    }
    runs.push(await startRun(world.pool, stored, { key }));
  }
  for (const run of runs) expect((await awaitRun(world.pool, run)).state).toBe("succeeded");
  for (const run of bad) {
    expect((await awaitRun(world.pool, run)).state).toBe("failed");
    const states = (await readTasks(world.pool, run)).map(({ ordinal, state }) => [
      poison.flow.graph.taskIds[ordinal],
      state,
    ]);
    expect(Object.fromEntries(states)).toEqual({
      ...Object.fromEntries(poison.flow.graph.taskIds.map((id) => [id, "failed"])),
      after: "upstream_failed",
    });
    const ends = await endsOf(poison, run);
    for (const [id, end] of Object.entries(ends)) {
      expect(end.error?.message, id).toMatch(/\S/);
    }
    expect(ends.deaf?.state).toBe("timed_out");
  }
  expect(runner.alive()).toBe(true);
  expect(await world.finish(["memory", ...keys])).toEqual([]);
});

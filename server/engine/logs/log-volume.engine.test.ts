/** One task that writes 100 MB: the runner must not grow with it. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readLog } from "#server/db/run/logs.ts";
import { awaitRun, startRun, storeFlow, until } from "../../../test/engine/runs.ts";
import { createWorld, type EngineWorld } from "../../../test/engine/world.ts";
import { buildFlow } from "../../../test/flow-builder.ts";

const MB = 1024 * 1024;
const WRITTEN_BYTES = 100 * MB;
const GROWTH_LIMIT_BYTES = 64 * MB;

let world: EngineWorld;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => {
  await world.remove();
});

/** Resident memory of a process in bytes, as Linux counts it: now, or at its highest so far. */
function residentBytes(pid: number, what: "VmRSS" | "VmHWM"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`${what}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
}

it.runIf(process.platform === "linux")(
  "passes through a runner that grows by less than 64 MB",
  async () => {
    const runner = await world.startRunner({
      IDEM_LEASE_MS: "60000",
      IDEM_LOG_LIMIT_BYTES: String(2 * WRITTEN_BYTES),
    });
    const execute = async (id: string, run: string) => {
      const tasks = { a: { type: "shell", with: { run } } };
      const stored = await storeFlow(world.pool, buildFlow(id, tasks));
      const runId = await startRun(world.pool, stored);
      expect((await awaitRun(world.pool, runId, 110_000)).state).toBe("succeeded");
      return { runId, ordinal: 0, attempt: 1 };
    };
    // What every first task costs, such as compiled code, is not the log's doing.
    await execute("warm-up", "seq 1 20000");
    const before = await until("a first look", async () => residentBytes(runner.pid, "VmRSS"));
    const line = "x".repeat(99);
    const key = await execute("volume", `yes ${line} | head -c ${WRITTEN_BYTES}`);
    const growth = residentBytes(runner.pid, "VmHWM") - before;
    expect(growth).toBeLessThan(GROWTH_LIMIT_BYTES);

    const lines = Math.ceil(WRITTEN_BYTES / 100);
    const page = await readLog(world.pool, key, { from: lines - 1, count: 10 });
    expect(page).toMatchObject({ total: lines, complete: true, truncated: false });
    expect(page.lines[0]?.text).toBe(line);
    expect(await world.finish()).toEqual([]);
  },
  240_000,
);

/** Runners that are killed at every point of their work. After each, every invariant is checked. */
import { describe, expect, it } from "vitest";
import { begin, expectRecovered, inWorlds, TIMES } from "../../test/engine/faults.ts";
import { quickLease } from "../../test/engine/runner-process.ts";
import { readAttempts, until } from "../../test/engine/runs.ts";
import type { EngineWorld } from "../../test/engine/world.ts";
import type { TaskDraft } from "../../test/flow-builder.ts";

/** A short chain beside a task that fails once and is tried again. */
function story(world: EngineWorld): Record<string, TaskDraft> {
  const retry = { attempts: 2, delayMs: 50, factor: 1, capMs: 50 };
  const again = world.witness.task(5, { retry });
  // Only the first attempt of the database fails; one that was lost is not the task's fault.
  const text = `${String(again.with?.run)}\n[ "$IDEM_ATTEMPT" != 1 ]`;
  return {
    first: world.witness.task(10),
    again: { ...again, with: { run: text } },
    second: world.witness.task(10, { needs: ["first"] }),
    last: { needs: ["second", "again"] },
  };
}

describe("a runner that is killed", () => {
  it.each([
    { point: "after-claim" },
    { point: "after-spawn" },
    { point: "before-complete" },
    { point: "after-complete" },
    { point: "while-retrying" },
  ])(`loses nothing $point (${TIMES} times)`, async ({ point }) => {
    await inWorlds(TIMES, async (world) => {
      const doomed = await world.startRunner({ ...quickLease, IDEM_FAULT_POINT: point });
      const runId = await begin(world, story(world));
      expect(await doomed.exit()).toBe("SIGKILL");
      await world.keepRunner(quickLease);
      await expectRecovered(world, runId);
    });
  });

  it("is replaced within 15 s under default settings, and its processes are gone long before", async () => {
    await inWorlds(1, async (world) => {
      const [first] = [await world.startRunner(), await world.startRunner()];
      const runId = await begin(world, {
        a: world.witness.task(100),
        b: world.witness.task(100),
      });
      await until("both tasks to be at work", async () => {
        const beats = world.witness.lines().filter((line) => line.what === "beat");
        return new Set(beats.map((line) => line.task)).size === 2;
      });
      const holder = await world.pool.query<{ runnerId: string }>(
        "select distinct runner_id as \"runnerId\" from task_run where state = 'running'",
      );
      const killed = holder.rows.some((row) => row.runnerId === first.id) ? first : null;
      const at = performance.now();
      (killed ?? first).kill("SIGKILL");
      await expectRecovered(world, runId);
      expect(performance.now() - at).toBeLessThan(15_000 + 100 * 40);
      if (killed === null) return;
      const lost = (await readAttempts(world.pool, runId)).filter((row) => row.state === "lost");
      expect(lost.length).toBeGreaterThan(0);
      expect(lost[0]?.error).toMatchObject({ kind: "lost" });
    });
  });
});

/** Runners that freeze and come back, that a task kills, that are asked to stop: every invariant holds. */
import { describe, expect, it } from "vitest";
import { begin, expectRecovered, inWorlds, LIMIT_MS, TIMES } from "../../test/engine/faults.ts";
import { quickLease } from "../../test/engine/runner-process.ts";
import {
  awaitRun,
  readAttempts,
  readTasks,
  startRun,
  storeFlow,
  until,
} from "../../test/engine/runs.ts";
import { buildFlow, type TaskDraft } from "../../test/flow-builder.ts";

describe("a runner that is frozen", () => {
  it(`overlaps with nobody, and ends when it comes back (${TIMES} times)`, async () => {
    await inWorlds(TIMES, async (world) => {
      const frozen = await world.startRunner(quickLease);
      const runId = await begin(world, { a: world.witness.task(150), b: world.witness.task(150) });
      await until("both tasks to be at work", async () => {
        const beats = world.witness.lines().filter((line) => line.what === "beat");
        return new Set(beats.map((line) => line.task)).size === 2;
      });
      frozen.kill("SIGSTOP");
      await world.keepRunner(quickLease);
      await until("another runner to try again", async () => {
        const { rowCount } = await world.pool.query(
          "select from task_run where runner_id <> $1 and attempt > 1",
          [frozen.id],
        );
        return rowCount === 2;
      });
      frozen.kill("SIGCONT");
      expect(await frozen.exit()).toBe(75);
      await expectRecovered(world, runId);
      const attempts = await readAttempts(world.pool, runId);
      for (const task of [0, 1]) {
        const states = attempts.filter((row) => row.ordinal === task).map((row) => row.state);
        // A machine that stalls for longer than a lease can lose one more.
        expect(states.join(" ")).toMatch(/^(lost )+succeeded$/);
      }
    });
  });

  it("goes on by itself when nobody has taken its place", async () => {
    await inWorlds(1, async (world) => {
      const runner = await world.startRunner({ ...quickLease, IDEM_LEASE_MS: "60000" });
      const runId = await begin(world, { a: world.witness.task(60) });
      await until("the task to be at work", async () => world.witness.lines().length > 2);
      runner.kill("SIGSTOP");
      const frozenAt = world.witness.lines().length;
      await until(
        "the task to go on meanwhile",
        async () => world.witness.lines().length > frozenAt + 5,
      );
      runner.kill("SIGCONT");
      await expectRecovered(world, runId);
      expect((await readAttempts(world.pool, runId)).map((row) => row.state)).toEqual([
        "succeeded",
      ]);
    });
  });
});

describe("a task that kills its runners", () => {
  it("fails after the third, and leaves its neighbours alone", async () => {
    await inWorlds(1, async (world) => {
      const poison: TaskDraft = {
        type: "shell",
        // The watchdog started this shell, and the runner the watchdog.
        with: { run: "kill -9 $(ps -o ppid= -p $PPID); sleep 5" },
      };
      const runId = await begin(world, { poison, after: { needs: ["poison"] } });
      const deaths = await world.keepRunner(quickLease);
      expect(await awaitRun(world.pool, runId, LIMIT_MS)).toMatchObject({
        state: "failed",
        firstError: { task: "poison", attempt: 3, message: expect.stringMatching(/^Lost 3 times/) },
      });
      // A machine that stalls for longer than a lease takes the place of a death.
      expect(deaths()).toBeGreaterThan(0);
      expect(deaths()).toBeLessThanOrEqual(3);
      const healthy = await storeFlow(
        world.pool,
        buildFlow("healthy", { a: world.witness.task(1) }),
      );
      const next = await startRun(world.pool, healthy);
      expect((await awaitRun(world.pool, next)).state).toBe("succeeded");
      expect(await world.finish(["the one"])).toEqual([]);
    });
  });
});

describe("a runner that is asked to stop", () => {
  it("lets tasks end that end in time, hands back the others at once", async () => {
    await inWorlds(1, async (world) => {
      const first = await world.startRunner({ IDEM_DRAIN_MS: "2000" });
      const runId = await begin(world, {
        quick: world.witness.task(30),
        slow: world.witness.task(400),
      });
      await until("both tasks to be at work", async () => {
        const beats = world.witness.lines().filter((line) => line.what === "beat");
        return new Set(beats.map((line) => line.task)).size === 2;
      });
      first.kill("SIGTERM");
      expect(await first.exit()).toBe(0);
      const handed = await readTasks(world.pool, runId);
      expect(handed.map(({ state, lostInRow }) => ({ state, lostInRow }))).toEqual([
        { state: "succeeded", lostInRow: 0 },
        { state: "ready", lostInRow: 0 },
      ]);
      await world.keepRunner(quickLease);
      await expectRecovered(world, runId);
    });
  });
});

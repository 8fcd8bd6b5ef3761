/**
 * Faults on real processes: runners that die, freeze and come back, a database that is killed. After
 * each, every invariant is checked.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEmbedded } from "#server/db/embedded/cluster.ts";
import { migrate } from "#server/db/migrate.ts";
import { bundleRunner, type Programs } from "../../test/engine/programs.ts";
import { quickLease } from "../../test/engine/runner-process.ts";
import {
  awaitRun,
  readAttempts,
  readRun,
  readTasks,
  startRun,
  storeFlow,
  until,
} from "../../test/engine/runs.ts";
import { createWorld, type EngineWorld } from "../../test/engine/world.ts";
import { buildFlow, type TaskDraft } from "../../test/flow-builder.ts";
import { MIGRATIONS } from "../../test/template.ts";

const TIMES = 5;
const LIMIT_MS = 120_000;

let programs: Programs;
beforeAll(async () => {
  programs = await bundleRunner();
});
afterAll(() => programs.remove());

/** Does the same in several worlds at a time, and removes them whatever happens. */
async function inWorlds(
  count: number,
  play: (world: EngineWorld, index: number) => Promise<void>,
): Promise<void> {
  const worlds = await Promise.all(Array.from({ length: count }, () => createWorld(programs)));
  const results = await Promise.allSettled(worlds.map((world, index) => play(world, index)));
  await Promise.all(worlds.map((world) => world.remove()));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

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

async function begin(world: EngineWorld, tasks: Record<string, TaskDraft>): Promise<string> {
  const stored = await storeFlow(world.pool, buildFlow("faults", tasks));
  return startRun(world.pool, stored, { key: "the one" });
}

async function expectRecovered(world: EngineWorld, runId: string): Promise<void> {
  const run = await awaitRun(world.pool, runId, LIMIT_MS);
  const tasks = await readTasks(world.pool, runId);
  expect({ run: run.state, tasks: tasks.map((task) => task.state) }).toEqual({
    run: "succeeded",
    tasks: tasks.map(() => "succeeded"),
  });
  expect(await world.finish(["the one"])).toEqual([]);
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
      expect(await doomed.exited).toBe("SIGKILL");
      await world.startRunner(quickLease);
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
      await world.startRunner(quickLease);
      await until(
        "the other runner to try again",
        async () => world.witness.lines().some((line) => line.attempt === 2),
        LIMIT_MS,
      );
      frozen.kill("SIGCONT");
      expect(await frozen.exited).toBe(75);
      await expectRecovered(world, runId);
      const attempts = await readAttempts(world.pool, runId);
      expect(attempts.map((row) => row.state)).toEqual(["lost", "succeeded", "lost", "succeeded"]);
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
      for (let i = 0; i < 3; i++) {
        const victim = await world.startRunner(quickLease);
        expect(await victim.exited).toBe("SIGKILL");
      }
      await world.startRunner(quickLease);
      const run = await awaitRun(world.pool, runId, LIMIT_MS);
      expect(run).toMatchObject({
        state: "failed",
        firstError: { task: "poison", attempt: 3, message: expect.stringMatching(/^Lost 3 times/) },
      });
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
      expect(await first.exited).toBe(0);
      const handed = await readTasks(world.pool, runId);
      expect(handed.map(({ state, lostInRow }) => ({ state, lostInRow }))).toEqual([
        { state: "succeeded", lostInRow: 0 },
        { state: "ready", lostInRow: 0 },
      ]);
      await world.startRunner(quickLease);
      await expectRecovered(world, runId);
    });
  });
});

describe("a watchdog that is killed", () => {
  it("is replaced and still does its work", async () => {
    await inWorlds(1, async (world) => {
      const first = await world.startRunner(quickLease);
      const runId = await begin(world, { a: world.witness.task(150) });
      await until("the task to be at work", async () => world.witness.lines().length > 2);
      const watchdog = await watchdogOf(first.pid);
      process.kill(watchdog, "SIGKILL");
      await until("another watchdog", async () => {
        const next = await watchdogOf(first.pid).catch(() => watchdog);
        return next !== watchdog;
      });
      first.kill("SIGKILL");
      await world.startRunner(quickLease);
      await expectRecovered(world, runId);
    });
  });

  it("costs the attempts it had started, and nothing else", async () => {
    await inWorlds(1, async (world) => {
      const runner = await world.startRunner({ ...quickLease, IDEM_LEASE_MS: "60000" });
      const runId = await begin(world, { a: world.witness.task(100) });
      await until("the task to be at work", async () => world.witness.lines().length > 2);
      process.kill(await watchdogOf(runner.pid), "SIGKILL");
      await expectRecovered(world, runId);
      const attempts = await readAttempts(world.pool, runId);
      expect(attempts.map(({ state, runnerId }) => ({ state, runnerId }))).toEqual([
        { state: "lost", runnerId: runner.id },
        { state: "succeeded", runnerId: runner.id },
      ]);
    });
  });

  async function watchdogOf(runner: number): Promise<number> {
    const { execFileSync } = await import("node:child_process");
    const table = execFileSync("ps", ["-o", "pid=,args=", "--ppid", String(runner)], {
      encoding: "utf8",
    });
    const line = table.split("\n").find((row) => row.includes("watchdog"));
    if (line === undefined) throw new Error("the runner has no watchdog");
    return Number(line.trim().split(" ")[0]);
  }
});

describe("two runners", () => {
  it("share a queue of 2,000 tasks without losing or doubling one", async () => {
    await inWorlds(1, async (world) => {
      const tasks: Record<string, TaskDraft> = {};
      for (let i = 0; i < 200; i++) {
        const needs = i < 20 ? [] : [`t${i - 20}`, `t${i - (i % 20) - 20 + ((i + 7) % 20)}`];
        // A wait takes a slot, so that one runner cannot do everything.
        tasks[`t${i}`] = { type: "wait", with: { duration: 10 }, needs: [...new Set(needs)] };
      }
      const stored = await storeFlow(world.pool, buildFlow("many", tasks));
      const keys = Array.from({ length: 10 }, (_, i) => `run ${i}`);
      const runs = await Promise.all(keys.map((key) => startRun(world.pool, stored, { key })));
      const runners = await Promise.all([world.startRunner(), world.startRunner()]);
      for (const run of runs) {
        expect((await awaitRun(world.pool, run, LIMIT_MS)).state).toBe("succeeded");
      }
      const shares = await world.pool.query<{ runnerId: string; tasks: number }>(
        `select runner_id as "runnerId", count(*)::int as tasks from attempt
          where state = 'succeeded' and attempt = 1 group by 1`,
      );
      expect(shares.rows.reduce((sum, row) => sum + row.tasks, 0)).toBe(2_000);
      expect(shares.rows.map((row) => row.runnerId).sort()).toEqual(
        runners.map((r) => r.id).sort(),
      );
      expect(await world.finish(keys)).toEqual([]);
    });
  });
});

describe("a database that is killed in the middle", () => {
  const RESTARTS = 3;
  it(`costs no task, ${RESTARTS} times over`, async () => {
    const home = await mkdtemp(join(tmpdir(), "idem-engine-pg-"));
    let server = await startEmbedded({ home });
    const { url } = server;
    const pool = new pg.Pool({ connectionString: url, max: 4 });
    // Connections break on purpose here, idle ones and those that are lent out.
    pool.on("error", () => {});
    pool.on("connect", (client) => client.on("error", () => {}));
    try {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await migrate(client, MIGRATIONS);
      await client.end();
      const world = await createWorld(programs, { url, pool });
      const tasks: Record<string, TaskDraft> = {};
      for (let i = 0; i < 60; i++) {
        tasks[`t${i}`] = world.witness.task(5, i < 10 ? {} : { needs: [`t${i - 10}`] });
      }
      await world.startRunner();
      const runId = await begin(world, tasks);
      for (let restart = 1; restart <= RESTARTS; restart++) {
        const enough = restart * 10;
        await until(`${enough} tasks to be done`, async () => {
          const done = world.witness.lines().filter((line) => line.what === "done");
          return done.length >= enough;
        });
        process.kill(server.pid, "SIGKILL");
        await until("the server to be gone", async () => !server.isAlive());
        server = await startEmbedded({ home });
        // Runner and test keep their connection string.
        expect(server.url).toBe(url);
      }
      await until(
        "the end of the run",
        async () => {
          const run = await readRun(pool, runId).catch(() => null);
          return run !== null && run.finishedAt !== null;
        },
        LIMIT_MS,
      );
      await expectRecovered(world, runId);
      await world.remove();
    } finally {
      await pool.end();
      await server.stop();
      await rm(home, { recursive: true, force: true });
    }
  });
});

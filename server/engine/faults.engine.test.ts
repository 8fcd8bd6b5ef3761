/** Faults around runners: their watchdogs and their database are killed, and two share one queue. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { startEmbedded } from "#server/db/embedded/cluster.ts";
import { migrate } from "#server/db/migrate.ts";
import { begin, expectRecovered, inWorlds, LIMIT_MS } from "../../test/engine/faults.ts";
import { quickLease } from "../../test/engine/runner-process.ts";
import {
  awaitRun,
  readAttempts,
  readRun,
  startRun,
  storeFlow,
  until,
} from "../../test/engine/runs.ts";
import { createWorld } from "../../test/engine/world.ts";
import { buildFlow, type TaskDraft } from "../../test/flow-builder.ts";
import { publishScheduled } from "../../test/schedules.ts";
import { MIGRATIONS } from "../../test/template.ts";

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
      await world.keepRunner(quickLease);
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
  const everySecond = {
    cron: "* * * * * *",
    timezone: "UTC",
    catchup: "all",
    overlap: "queue",
  } as const;
  it(`costs no task and no tick, ${RESTARTS} times over`, async () => {
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
      const world = await createWorld({ url, pool });
      const tasks: Record<string, TaskDraft> = {};
      for (let i = 0; i < RESTARTS * 20; i++) {
        tasks[`t${i}`] = world.witness.task(5, i < 10 ? {} : { needs: [`t${i - 10}`] });
      }
      await world.startRunner();
      await publishScheduled(pool, { id: "bell", schedules: [everySecond] });
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
      await until("a tick for each kill", async () => {
        const ticks = await pool.query("select from run where trigger = 'schedule'");
        return (ticks.rowCount ?? 0) > RESTARTS;
      });
      await pool.query("update schedule set next_tick_at = null");
      await until("the last run to end", async () => {
        const open = await pool.query("select from run where finished_at is null limit 1");
        return open.rowCount === 0;
      });
      const { rows } = await pool.query<{ runs: number; ticks: number; span: number }>(
        `select count(*)::int as runs, count(distinct tick_at)::int as ticks,
                extract(epoch from max(tick_at) - min(tick_at))::int as span
           from run where trigger = 'schedule'`,
      );
      const [told] = rows;
      expect(told).toEqual({ runs: told?.ticks, ticks: (told?.span ?? 0) + 1, span: told?.span });
      await expectRecovered(world, runId);
      await world.remove();
    } finally {
      await pool.end();
      await server.stop();
      await rm(home, { recursive: true, force: true });
    }
  });
});

/** Machines whose clocks are hours off, or are set while tasks run: only the database's clock counts. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readLog } from "#server/db/run/logs.ts";
import { quickLease } from "../../test/engine/runner-process.ts";
import {
  awaitRun,
  readAttempts,
  readRun,
  startRun,
  storeFlow,
  until,
} from "../../test/engine/runs.ts";
import { createWorld, type EngineWorld } from "../../test/engine/world.ts";
import { buildFlow } from "../../test/flow-builder.ts";
import { databaseNow, publishScheduled } from "../../test/schedules.ts";

let world: EngineWorld;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => {
  await world.remove();
});

/** Loaded before a runner: its clock is `SHIFT_MS` off, and is set back and forth if that is a list. */
const SHIFT = `
  const [first, second = first] = process.env.SHIFT_MS.split(",").map(Number);
  const RealDate = Date;
  const off = () => (Math.floor(RealDate.now() / 700) % 2 === 0 ? first : second);
  globalThis.Date = class extends RealDate {
    constructor(...args) {
      if (args.length === 0) super(RealDate.now() + off());
      else super(...args);
    }
    static now() {
      return RealDate.now() + off();
    }
  };
`;

const HOUR = 3_600_000;
/** What a loaded machine may take longer. */
const SLACK_MS = 20_000;

it("costs nothing: waits, retries, leases, ticks and logs keep the database's time", async () => {
  const shift = join(world.home, "shift.cjs");
  await writeFile(shift, SHIFT);
  const skewed = (shiftMs: string) =>
    world.startRunner({ ...quickLease, NODE_OPTIONS: `--require ${shift}`, SHIFT_MS: shiftMs });
  const runners = [await skewed(`${5 * HOUR}`), await skewed(`${-3 * HOUR},${4 * HOUR}`)];

  const began = await databaseNow(world.pool);
  const due = began + 4_000;
  const retry = { attempts: 3, delayMs: 300, factor: 1, capMs: 300 };
  const stored = await storeFlow(
    world.pool,
    buildFlow("clocks", {
      wait: { type: "wait", with: { duration: 300 } },
      until: { type: "wait_until", with: { time: new Date(due).toISOString() } },
      again: { type: "shell", with: { run: 'echo "try"; test "$IDEM_ATTEMPT" -ge 2' }, retry },
      witness: world.witness.task(60, { needs: ["wait"] }),
    }),
  );
  await publishScheduled(world.pool, {
    id: "every-second",
    schedules: [{ cron: "* * * * * *", timezone: "UTC", catchup: "all", overlap: "queue" }],
  });
  const runId = await startRun(world.pool, stored, { key: "the one" });
  // The tasks of one of them are for the other to take.
  await until("the witness to be at work", async () => world.witness.lines().length > 2);
  const working = await world.pool.query<{ runner: string }>(
    "select runner_id as runner from task_run where run_id = $1 and ordinal = $2 and state = 'running'",
    [runId, stored.flow.graph.taskIds.indexOf("witness")],
  );
  const killed = runners.find(({ id }) => id === working.rows[0]?.runner) ?? runners[0];
  killed?.kill("SIGKILL");

  expect(await awaitRun(world.pool, runId)).toMatchObject({ state: "succeeded" });
  const attempts = await readAttempts(world.pool, runId);
  const last = (task: string) =>
    attempts.filter(({ ordinal }) => ordinal === stored.flow.graph.taskIds.indexOf(task)).at(-1);
  const { rows } = await world.pool.query<{ from: number; to: number; until: number }>(
    `select extract(epoch from min(started_at)) * 1000 as "from",
            extract(epoch from max(finished_at)) * 1000 as "to",
            extract(epoch from max(finished_at) filter (where ordinal = $2)) * 1000 as "until"
       from attempt where run_id = $1`,
    [runId, stored.flow.graph.taskIds.indexOf("until")],
  );
  const times = rows[0] ?? { from: 0, to: 0, until: 0 };
  expect(Number(times.until)).toBeGreaterThanOrEqual(due);
  expect(Number(times.until)).toBeLessThan(due + SLACK_MS);
  expect(Number(times.from)).toBeGreaterThanOrEqual(began - SLACK_MS);
  expect(Number(times.to)).toBeLessThan(began + 4_000 + SLACK_MS);
  const again = last("again");
  const log = await readLog(
    world.pool,
    { runId, ordinal: again?.ordinal ?? -1, attempt: again?.attempt ?? 0 },
    { from: 1, count: 1 },
  );
  const said = new Date(log.lines[0]?.at ?? 0).getTime();
  expect(Math.abs(said - Number(times.from))).toBeLessThan(SLACK_MS);

  const ticks = async () =>
    (
      await world.pool.query<{ tick: Date }>(
        "select tick_at as tick from run where flow_id = 'every-second' order by tick_at",
      )
    ).rows.map(({ tick }) => tick.getTime());
  await until("some ticks", async () => (await ticks()).length >= 3);
  await world.pool.query("update schedule set next_tick_at = null");
  const seen = await ticks();
  expect(seen[0]).toBeGreaterThanOrEqual(began - 1_000);
  expect(seen.at(-1)).toBeLessThanOrEqual((await databaseNow(world.pool)) + 1_000);
  expect(seen.map((tick, i) => tick - (seen[0] ?? 0) - i * 1_000)).toEqual(seen.map(() => 0));
  await until("their runs to end", async () => {
    const open = await world.pool.query("select from run where finished_at is null");
    return open.rowCount === 0;
  });
  expect((await readRun(world.pool, runId)).state).toBe("succeeded");
  expect(await world.finish(["the one"])).toEqual([]);
});

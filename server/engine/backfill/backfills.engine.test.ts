/** Backfills, moved by real runners that are killed while they do it. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { operator } from "#server/auth/actor.ts";
import type { BackfillDetail } from "#server/core/backfill/view.ts";
import { createPrisma } from "#server/db/connection.ts";
import { createTestFolder } from "#server/flow-sources/testing/folder-kit.ts";
import { retryFailed } from "#server/usecases/backfills/control.ts";
import { backfillPlanInput } from "#server/usecases/backfills/inputs.ts";
import { planBackfill } from "#server/usecases/backfills/plan.ts";
import { getBackfill } from "#server/usecases/backfills/read.ts";
import { startBackfill } from "#server/usecases/backfills/start.ts";
import type { Deps } from "#server/usecases/deps.ts";
import { syncFlows } from "#server/usecases/flows/sync.ts";
import { programs } from "../../../test/engine/programs.ts";
import { quickLease } from "../../../test/engine/runner-process.ts";
import { startRun, storeFlow, until } from "../../../test/engine/runs.ts";
import { createWorld, type EngineWorld } from "../../../test/engine/world.ts";
import { buildFlow } from "../../../test/flow-builder.ts";
import { publishScheduled } from "../../../test/schedules.ts";
import type { FaultPoint } from "../faults.ts";
import { moveBackfills } from "./move-backfills.ts";

let world: EngineWorld;
let deps: Deps;

beforeEach(async () => {
  world = await createWorld();
  deps = { pool: world.pool, prisma: createPrisma(world.pool) };
});
afterEach(() => world.remove());

/** Deaths at each point: half of each ten before the commit, half after it. */
const KILLS = 5;
const points: readonly FaultPoint[] = [
  "within-window",
  "after-window",
  "within-backfill-end",
  "after-complete",
];
/** Doomed runners side by side. */
const RUNNERS = 3;
const HOURS = 480;
/** Those of 7 and 17 o'clock fail, each time. */
const BAD = HOURS / 12;

async function begin(more: object): Promise<string> {
  const from = "2024-03-01T00:00:00Z";
  const to = new Date(Date.parse(from) + HOURS * 3_600_000).toISOString();
  const input = backfillPlanInput.parse({ flow: "refill", from, to, step: "hour", ...more });
  const { id, hash } = await planBackfill(deps, operator, input);
  // Asked for by several at once, as impatient people and programs do.
  const request = { id, planHash: hash, idempotencyKey: randomUUID() };
  await Promise.all([1, 2, 3].map(() => startBackfill(deps, operator, request)));
  return id;
}

const get = (id: string) => getBackfill(deps, operator, { id });

async function awaitEnd(id: string): Promise<BackfillDetail> {
  return until("the backfill to end", async () => {
    const backfill = await get(id);
    return backfill.finishedAt === null ? null : backfill;
  });
}

/** Everything below a folder, by path. */
function treeBelow(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [path, readFileSync(path, "utf8")]));
}

/** Starts runners that die at the points in turn, until each has seen so many deaths. */
async function killAtEveryPoint(times: number): Promise<void> {
  let next = 0;
  const doomed = async (): Promise<void> => {
    while (next < times * points.length) {
      const point = points[next++ % points.length] ?? "within-window";
      const runner = await world.startRunner({ ...quickLease, IDEM_FAULT_POINT: point });
      expect(await runner.exit(), `${point}\n${runner.output()}`).toBe("SIGKILL");
    }
  };
  await Promise.all(Array.from({ length: RUNNERS }, doomed));
}

it("loses, doubles and forgets no interval while runners are killed 10 times moving the window and 10 times as runs finish", async () => {
  await publishScheduled(world.pool, {
    id: "refill",
    schedules: [],
    tasks: {
      load: {},
      check: {
        needs: ["load"],
        type: "wait",
        with: { duration: "{{ interval.start | date: '%-H' | replace: '7', 'x' }}ms" },
      },
    },
  });
  const id = await begin({ concurrency: 12 });
  await killAtEveryPoint(KILLS);
  // Else the last deaths would have met nothing.
  expect((await get(id)).finishedAt).toBeNull();

  await world.keepRunner(quickLease);
  const first = await awaitEnd(id);
  // A task that lost three runners in a row counts as poison: it fails, and the retry mends it.
  const failed = first.counts.failed;
  expect(failed).toBeGreaterThanOrEqual(BAD);
  expect(first).toMatchObject({ state: "failed", counts: { succeeded: HOURS - failed } });

  await retryFailed(deps, operator, { id });
  const second = await awaitEnd(id);
  expect(second).toMatchObject({
    state: "failed",
    counts: { succeeded: HOURS - BAD, failed: BAD },
  });
  const tries = await world.pool.query<{ tries: number; n: number }>(
    `select tries, count(*)::int as n from backfill_row where backfill_id = $1
      group by tries order by tries`,
    [id],
  );
  expect(tries.rows).toEqual([
    { tries: 1, n: HOURS - failed },
    { tries: 2, n: failed },
  ]);
  expect(await world.finish()).toEqual([]);
}, 300_000);

/** Deaths of a process that plans and starts, at each point. */
const PLAN_KILLS = 5;
const planPoints = ["within-plan", "after-plan", "within-start", "after-start"] as const;
const days = { flow: "refill", from: "2023-01-01", to: "2023-04-01", step: "day" };

/** Plans and starts in a process that dies at the point. */
async function killPlanner(point: FaultPoint, key: string): Promise<void> {
  const child = spawn(process.execPath, [programs.planner], {
    env: {
      PATH: process.env.PATH,
      NODE_ENV: "test",
      DATABASE_URL: world.url,
      IDEM_PLAN: JSON.stringify(days),
      IDEM_KEY: key,
      IDEM_FAULT_POINT: point,
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let output = "";
  child.stderr.on("data", (data) => {
    output += data;
  });
  const ended = await new Promise((resolve) => {
    child.once("close", (code, signal) => resolve(signal ?? code));
  });
  expect(ended, `${point}\n${output}`).toBe("SIGKILL");
}

/** Backfills that were started with a key, whatever their state. */
async function startedWith(key: string): Promise<{ id: string; state: string }[]> {
  const found = await world.pool.query<{ id: string; state: string }>(
    "select id, state from backfill where idempotency_key = $1",
    [key],
  );
  return found.rows;
}

const countPlans = async () =>
  Number((await world.pool.query("select count(*) as n from backfill")).rows[0]?.n);

it("stores a plan whole or not at all and starts it once, killed 10 times planning and 10 times starting", async () => {
  await publishScheduled(world.pool, { id: "refill", schedules: [], tasks: { load: {} } });
  const input = backfillPlanInput.parse(days);
  for (let round = 0; round < PLAN_KILLS; round++) {
    const before = await countPlans();
    await Promise.all(planPoints.map((point) => killPlanner(point, `${point} ${round}`)));
    // Nothing of the one that died before its commit, one plan of each of the others.
    expect(await countPlans()).toBe(before + 3);
    for (const point of planPoints) {
      const key = `${point} ${round}`;
      const left = point === "after-start" ? [expect.objectContaining({ state: "running" })] : [];
      const first = await startedWith(key);
      expect(first, key).toEqual(left);
      // The same request once more, by two at once, ends in one backfill: that of the dead, if any.
      const again = await Promise.all(
        [1, 2].map(async () => {
          const { id, hash } = await planBackfill(deps, operator, input);
          return startBackfill(deps, operator, { id, planHash: hash, idempotencyKey: key });
        }),
      );
      const ids = new Set(again.map(({ id }) => id));
      expect(ids.size, key).toBe(1);
      expect(await startedWith(key)).toEqual([
        { id: first[0]?.id ?? again[0]?.id, state: "running" },
      ]);
    }
  }
  const broken = await world.pool.query(
    `select b.id, b.state, b.total, count(*) as rows
       from backfill b left join backfill_row w on w.backfill_id = b.id
      group by b.id
     having count(distinct w.interval_start) <> b.total or max(w.ordinal) <> b.total - 1
         or b.total <> 90 or b.state not in ('planned', 'running')`,
  );
  expect(broken.rows).toEqual([]);
  expect(await world.finish()).toEqual([]);
}, 120_000);

it("lets schedules and people go first, and still progresses while they fill the queue", async () => {
  const task = { type: "shell", with: { run: "true" } };
  await publishScheduled(world.pool, { id: "refill", schedules: [], tasks: { only: task } });
  const id = await begin({ concurrency: 40, to: "2024-03-02T16:00:00Z" });
  await moveBackfills(world.pool);
  expect((await get(id)).counts.running).toBe(40);
  const others = await storeFlow(world.pool, buildFlow("others", { only: task }));
  for (let n = 0; n < 128; n++) await startRun(world.pool, others);
  await world.startRunner({ IDEM_SLOTS: "8" });
  await awaitEnd(id);
  const starts = await world.pool.query<{ refill: boolean }>(
    `select r.backfill_id is not null as refill
       from attempt a join run r on r.id = a.run_id order by a.started_at, refill`,
  );
  const order = starts.rows.map(({ refill }) => refill);
  const full = order.slice(0, order.lastIndexOf(false) + 1);
  // One in eight: no fewer, so that it progresses, and no more, so that it delays nobody. At any
  // place in the order and not only on the whole; a claim may begin and end between two places.
  for (let at = 0; at + 32 <= full.length; at += 8) {
    const among = full.slice(at, at + 32).filter(Boolean).length;
    expect(among, `starts ${at} to ${at + 32}`).toBeGreaterThanOrEqual(2);
    expect(among, `starts ${at} to ${at + 32}`).toBeLessThanOrEqual(6);
  }
  const refilled = full.length - 128;
  expect(refilled).toBeGreaterThanOrEqual(15);
  expect(refilled).toBeLessThanOrEqual(21);
  expect(await world.finish()).toEqual([]);
});

it("fills weeks of real weather, retries what failed alone, and repeats to the byte", async () => {
  const folder = createTestFolder();
  cpSync("flows/weather", join(folder.path, "weather"), { recursive: true });
  expect((await syncFlows(deps, folder.path)).broken).toEqual([]);
  await world.startRunner();
  const data = join(world.home, "data", "weather");
  // A folder stands where the file of March belongs: its five days fail.
  const inTheWay = join(data, "seattle", "2012", "2012-03.month.json");
  mkdirSync(inTheWay, { recursive: true });
  const weeks = { flow: "weather-daily", from: "2012-02-15", to: "2012-03-06", step: "day" };

  const id = await begin({ ...weeks, concurrency: 8 });
  expect(await awaitEnd(id)).toMatchObject({
    state: "failed",
    total: 20,
    counts: { succeeded: 15, failed: 5 },
  });
  rmdirSync(inTheWay);
  await retryFailed(deps, operator, { id });
  expect(await awaitEnd(id)).toMatchObject({ state: "succeeded", counts: { succeeded: 20 } });
  const executed = await world.pool.query<{ task: string; n: number }>(
    `select rt.task_id as task, count(*)::int as n
       from attempt a join run r on r.id = a.run_id
       join revision_task rt on rt.revision_id = r.revision_id and rt.ordinal = a.ordinal
      where r.backfill_id = $1 group by rt.task_id order by n desc, task`,
    [id],
  );
  expect(executed.rows).toEqual([
    { task: "sum-up-month", n: 25 },
    { task: "extract", n: 20 },
    { task: "report", n: 20 },
    { task: "validate", n: 20 },
    { task: "write-day", n: 20 },
  ]);
  const written = treeBelow(data);
  expect(Object.keys(written)).toHaveLength(20 + 2);

  const again = await begin({ ...weeks, concurrency: 8, reprocess: "all", order: "desc" });
  expect(await awaitEnd(again)).toMatchObject({ state: "succeeded", counts: { succeeded: 20 } });
  expect(treeBelow(data)).toEqual(written);
  folder.close();
  expect(await world.finish()).toEqual([]);
});

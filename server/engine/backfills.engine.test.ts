/** Backfills, moved by real runners that are killed while they do it. */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { operator } from "#server/auth/actor.ts";
import type { BackfillDetail } from "#server/core/backfill/view.ts";
import { createPrisma } from "#server/db/connection.ts";
import { retryFailed } from "#server/usecases/backfills/control.ts";
import { backfillPlanInput } from "#server/usecases/backfills/inputs.ts";
import { planBackfill } from "#server/usecases/backfills/plan.ts";
import { getBackfill } from "#server/usecases/backfills/read.ts";
import { startBackfill } from "#server/usecases/backfills/start.ts";
import type { Deps } from "#server/usecases/deps.ts";
import { bundleRunner, type Programs } from "../../test/engine/programs.ts";
import { quickLease } from "../../test/engine/runner-process.ts";
import { until } from "../../test/engine/runs.ts";
import { createWorld, type EngineWorld } from "../../test/engine/world.ts";
import { publishScheduled } from "../../test/schedules.ts";
import type { FaultPoint } from "./faults.ts";

let programs: Programs;
let world: EngineWorld;
let deps: Deps;

beforeAll(async () => {
  programs = await bundleRunner();
});
afterAll(() => programs.remove());
beforeEach(async () => {
  world = await createWorld(programs);
  deps = { pool: world.pool, prisma: createPrisma(world.pool) };
});
afterEach(() => world.remove());

/** Deaths at each point: before and after the commit of a move of the window, and of the end of runs. */
const KILLS = 10;
const points: readonly FaultPoint[] = [
  "within-window",
  "after-window",
  "within-backfill-end",
  "after-complete",
];
/** Doomed runners side by side. */
const RUNNERS = 3;
const HOURS = 720;
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

/** What is wrong between ledger and runs, in words. */
async function findFaults(id: string): Promise<string[]> {
  const found = await world.pool.query<{ fault: string }>(
    `select format('row %s has %s runs after %s tries', w.ordinal, count(r.id), w.tries) as fault
       from backfill_row w left join run r on r.backfill_id = w.backfill_id
        and r.backfill_ordinal = w.ordinal
      where w.backfill_id = $1 group by w.ordinal, w.tries
     having count(r.id) <> w.tries or count(distinct r.backfill_try) <> w.tries
     union all
     select format('row %s is %s and its newest run %s', w.ordinal, w.state, r.state)
       from backfill_row w left join run r on r.id = w.run_id
      where w.backfill_id = $1 and (r.state::text is distinct from w.state::text
            or r.id is distinct from (select max(n.id) from run n
                 where n.backfill_id = $1 and n.backfill_ordinal = w.ordinal))
     union all
     select format('%s runs overlap', count(*)) from run where backfill_id = $1
        and state = 'succeeded' group by backfill_ordinal having count(*) > 1`,
    [id],
  );
  return found.rows.map(({ fault }) => fault);
}

/** Starts runners that die at the points in turn, until each has seen so many deaths. */
async function killAtEveryPoint(times: number): Promise<void> {
  let next = 0;
  const doomed = async (): Promise<void> => {
    while (next < times * points.length) {
      const point = points[next++ % points.length] ?? "within-window";
      const runner = await world.startRunner({ ...quickLease, IDEM_FAULT_POINT: point });
      expect(await runner.exited, `${point}\n${runner.output()}`).toBe("SIGKILL");
    }
  };
  await Promise.all(Array.from({ length: RUNNERS }, doomed));
}

it("loses, doubles and forgets no interval while runners die at every step", async () => {
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

  await world.startRunner(quickLease);
  const first = await awaitEnd(id);
  // A task that lost three runners in a row counts as poison: it fails, and the retry mends it.
  const failed = first.counts.failed;
  expect(failed).toBeGreaterThanOrEqual(BAD);
  expect(first).toMatchObject({ state: "failed", counts: { succeeded: HOURS - failed } });
  expect(await findFaults(id)).toEqual([]);

  await retryFailed(deps, operator, { id });
  const second = await awaitEnd(id);
  expect(second).toMatchObject({
    state: "failed",
    counts: { succeeded: HOURS - BAD, failed: BAD },
  });
  expect(await findFaults(id)).toEqual([]);
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

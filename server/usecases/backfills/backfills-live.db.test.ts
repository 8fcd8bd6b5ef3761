import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { operator } from "#server/auth/actor.ts";
import { rowStates, sumCounts } from "#server/core/backfill/states.ts";
import type { BackfillDelta } from "#server/core/backfill/view.ts";
import { createPool, createPrisma } from "#server/db/connection.ts";
import { moveBackfills } from "#server/engine/backfill/move-backfills.ts";
import { type LiveHub, openLiveHub } from "#server/engine/live.ts";
import type { Deps } from "#server/usecases/deps.ts";
import { publishScheduled } from "../../../test/schedules.ts";
import { sharedDatabase, sharedRunner } from "../../../test/shared-database.ts";
import { backfillPlanInput } from "./inputs.ts";
import { watchBackfill } from "./live.ts";
import { planBackfill } from "./plan.ts";
import { getBackfill, getBackfillCells } from "./read.ts";
import { startBackfill } from "./start.ts";

const database = sharedDatabase();
const { deps } = database;
const runner = sharedRunner(database);

let live: LiveHub;
let flow: string;

beforeAll(async () => {
  live = openLiveHub(database.url);
});

afterAll(async () => {
  await live.close();
});

beforeEach(async () => {
  flow = `flow-${randomUUID()}`;
  await publishScheduled(database.pool, { id: flow, schedules: [] });
});

const input = () =>
  backfillPlanInput.parse({ flow, from: "2020-01-01", to: "2020-01-31", concurrency: 7 });

it("tells a page that is open of every row that changes, until the end", async () => {
  const { id, hash } = await planBackfill(deps, operator, input());
  const cells = await getBackfillCells(deps, operator, { id });
  const stop = new AbortController();
  const seen: BackfillDelta[] = [];
  const watching = (async () => {
    const query = { id, since: cells.version };
    for await (const delta of watchBackfill({ ...deps, live }, operator, query, stop.signal)) {
      seen.push(delta);
      expect(sumCounts(delta.backfill.counts)).toBe(30);
      delta.changed.ordinals.forEach((ordinal, n) => {
        cells.states[ordinal] = delta.changed.states[n] ?? -1;
        cells.runs[ordinal] = delta.changed.runs[n] ?? null;
      });
      if (delta.backfill.finishedAt !== null) stop.abort();
    }
  })();
  await startBackfill(deps, operator, { id, planHash: hash, idempotencyKey: randomUUID() });
  while ((await getBackfill(deps, operator, { id })).finishedAt === null) {
    await moveBackfills(database.pool);
    await runner.drain();
  }
  await watching;
  const last = await getBackfillCells(deps, operator, { id });
  expect(cells.states).toEqual(last.states);
  expect(cells.runs).toEqual(last.runs);
  expect(last.states.every((state) => rowStates[state] === "succeeded")).toBe(true);
  expect(seen[0]?.backfill.state).toMatch(/planned|running/);
  expect(seen.at(-1)?.backfill.state).toBe("succeeded");
});

it("stores a plan whole or not at all, and starts it once, when connections die meanwhile", async () => {
  // That its connections break is the point.
  const mortal = createPool(database.url, { name: "mortal", max: 2, onError: () => {} });
  const dying: Deps = { pool: mortal, prisma: createPrisma(mortal) };
  let deaths = 0;
  for (let round = 0; deaths < 20 && round < 200; round++) {
    const key = `${flow} ${round}`;
    const work = (async () => {
      const { id, hash } = await planBackfill(dying, operator, input());
      await startBackfill(dying, operator, { id, planHash: hash, idempotencyKey: key });
    })();
    const killer = (async () => {
      await sleep(round % 10);
      await database.pool.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'mortal'",
      );
    })();
    const [done] = await Promise.allSettled([work, killer]);
    if (done.status === "rejected") deaths += 1;
  }
  expect(deaths).toBeGreaterThanOrEqual(20);
  await mortal.end();
  const stored = await database.pool.query<{ state: string; total: number; rows: number }>(
    `select b.state, b.total, (select count(*)::int from backfill_row w where w.backfill_id = b.id) as rows
       from backfill b where b.flow_id = $1`,
    [flow],
  );
  expect(stored.rows.length).toBeGreaterThan(0);
  for (const { state, total, rows } of stored.rows) {
    expect(["planned", "running"]).toContain(state);
    expect(rows).toBe(total);
  }
  // Asked for again, each is there once.
  const { id, hash } = await planBackfill(deps, operator, input());
  const again = { id, planHash: hash, idempotencyKey: `${flow} 0` };
  const one = await startBackfill(deps, operator, again);
  expect((await startBackfill(deps, operator, again)).id).toBe(one.id);
});

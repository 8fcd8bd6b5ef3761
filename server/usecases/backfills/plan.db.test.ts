import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { operator } from "#server/auth/actor.ts";
import type { ParamSchema, ScheduleSpec } from "#server/core/flow/spec.ts";
import { createPrisma } from "#server/db/connection.ts";
import type { Deps } from "#server/usecases/deps.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import type { TaskDraft } from "../../../test/flow-builder.ts";
import { publishScheduled } from "../../../test/schedules.ts";
import { backfillListInput, backfillPlanInput } from "./inputs.ts";
import { planBackfill } from "./plan.ts";
import { getBackfill, getBackfillCells, listBackfillIntervals, listBackfills } from "./read.ts";

let database: TestDatabase;
let deps: Deps;
let flow: string;

beforeAll(async () => {
  database = await createTestDatabase();
  deps = { pool: database.pool, prisma: createPrisma(database.pool) };
});

afterAll(() => database.close());

beforeEach(() => {
  flow = `flow-${randomUUID()}`;
});

const seoul: ScheduleSpec = {
  cron: "0 2 * * *",
  timezone: "Asia/Seoul",
  catchup: "latest",
  overlap: "queue",
};

const publish = (
  more: {
    schedules?: ScheduleSpec[];
    tasks?: Record<string, TaskDraft>;
    params?: Record<string, ParamSchema>;
  } = {},
) => publishScheduled(deps.pool, { id: flow, schedules: [], ...more });

const plan = (input: object) =>
  planBackfill(deps, operator, backfillPlanInput.parse({ flow, ...input }));

describe("planning", () => {
  it("takes the schedule's intervals and zone, and stores one row for each", async () => {
    await publish({ schedules: [seoul] });
    const made = await plan({ from: "2012-01-01", to: "2016-01-01" });
    expect(made).toMatchObject({
      timezone: "Asia/Seoul",
      total: 1_461,
      counts: { run: 1_461, skip: 0 },
      reasons: { missing: 1_461 },
      // 02:00 in Seoul is 17:00 of the day before in UTC.
      range: { start: "2011-12-31T17:00:00.000Z", end: "2015-12-31T17:00:00.000Z" },
      source: { kind: "range", step: "schedule", schedule: 1 },
    });
    expect(made.rows.items).toHaveLength(100);
    expect(made.rows.next).toBe("99");
    const got = await getBackfill(deps, operator, { id: made.id });
    expect(got).toMatchObject({
      state: "planned",
      planHash: made.hash,
      counts: { waiting: 1_461 },
    });
    expect(got.controls).toMatchObject({ start: true, pause: false, cancel: false });
    const cells = await getBackfillCells(deps, operator, { id: made.id });
    expect(cells.starts?.[0]).toBe(Date.parse("2011-12-31T17:00:00.000Z"));
    expect(cells.ends).toHaveLength(1_461);
    const last = await listBackfillIntervals(deps, operator, {
      id: made.id,
      cursor: "1459",
      limit: 10,
    });
    expect(last).toMatchObject({ next: null, items: [{ ordinal: 1_460, decision: "run" }] });
    // Nobody has started it yet.
    const list = await listBackfills(deps, operator, backfillListInput.parse({ flow }));
    expect(list.items).toEqual([]);
  });
});

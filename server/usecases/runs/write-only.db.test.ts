/** What a flow marks as `writeOnly` is used by runs and shown to nobody. */
import { randomUUID } from "node:crypto";
import { beforeEach, expect, it } from "vitest";
import { operator } from "#server/auth/actor.ts";
import { HIDDEN } from "#server/core/flow/params/write-only.ts";
import { inTransaction } from "#server/db/transaction.ts";
import { getBackfillDraft } from "#server/usecases/backfills/draft.ts";
import { backfillDraftInput, backfillPlanInput } from "#server/usecases/backfills/inputs.ts";
import { planBackfill } from "#server/usecases/backfills/plan.ts";
import {
  getBackfill,
  listBackfillIntervals,
  listBackfills,
} from "#server/usecases/backfills/read.ts";
import { getCalendar } from "#server/usecases/flows/calendar.ts";
import { storeFlow } from "#server/usecases/flows/store.ts";
import { getOverview } from "#server/usecases/overview.ts";
import { scheduleListInput } from "#server/usecases/schedules/inputs.ts";
import { listSchedules } from "#server/usecases/schedules/read.ts";
import { buildFlow } from "../../../test/flow-builder.ts";
import { sharedDatabase, sharedRunner } from "../../../test/shared-database.ts";
import { compareRuns } from "./compare.ts";
import { createRun } from "./create.ts";
import { getChanges, getDraft } from "./draft.ts";
import { createRunInput, listRunsInput } from "./inputs.ts";
import { getTaskIo } from "./io.ts";
import { getManifest, getRun, getRunsById, listRuns } from "./read.ts";
import { getRerunPlan, rerun } from "./rerun.ts";

const database = sharedDatabase();
const { deps } = database;
const runner = sharedRunner(database);

let flow: string;

const secret = { type: "string", writeOnly: true };
const schemas = {
  token: secret,
  ledger: { type: "object", properties: { user: { type: "string" }, key: secret } },
};
const given = (tail: string) => ({
  token: `hunter2-${tail}`,
  ledger: { user: "ann", key: `hunter2-key-${tail}` },
});
const shown = { token: HIDDEN, ledger: { user: "ann", key: HIDDEN } };
const interval = { start: "2026-01-01T00:00:00.000Z", end: "2026-01-02T00:00:00.000Z" };

beforeEach(async () => {
  flow = `flow-${randomUUID()}`;
  const daily = { cron: "0 0 * * *", timezone: "UTC", catchup: "none", overlap: "queue" } as const;
  const built = buildFlow(
    flow,
    { only: { type: "shell", with: { run: "login {{ params.token }} {{ params.ledger.key }}" } } },
    schemas,
    [{ ...daily, params: given("tick") }],
  );
  await inTransaction(deps.pool, (client) => storeFlow(client, built, "push", operator.name));
});

async function start(tail: string): Promise<string> {
  const wish = { flow, params: given(tail), interval, idempotencyKey: randomUUID() };
  return (await createRun(deps, operator, createRunInput.parse(wish))).id;
}

it("is hidden in everything that is told of runs", async () => {
  const [a, b] = [await start("a"), await start("b")];
  await runner.drain({ only: "fail" });
  const told = {
    detail: await getRun(deps, operator, a),
    list: await listRuns(deps, operator, listRunsInput.parse({ filter: { flow } })),
    byId: await getRunsById(deps, operator, [a, b]),
    overview: await getOverview(deps, operator),
    manifest: await getManifest(deps, operator, a),
    io: await getTaskIo(deps, operator, { id: a, task: "only" }),
    compared: await compareRuns(deps, operator, { a, b }),
    changes: await getChanges(deps, operator, { from: a, params: given("new"), interval }),
    calendar: await getCalendar(deps, operator, { flow }),
    schedules: await listSchedules(deps, operator, scheduleListInput.parse({ q: flow })),
  };
  for (const [what, value] of Object.entries(told)) {
    expect(JSON.stringify(value), what).not.toContain("hunter2");
  }
  expect(told.detail.params).toEqual(shown);
  expect(told.list.items.map(({ params }) => params)).toEqual([shown, shown]);
  expect(told.manifest).toMatchObject({ hidden: true, recomputed: told.detail.identity });
  expect(told.io.rendered?.with).toEqual({ run: `login ${HIDDEN} ${HIDDEN}` });
  expect(told.schedules.items[0]?.params).toEqual(shown);
});

it("is compared all the same", async () => {
  const [a, b] = [await start("a"), await start("b")];
  const hidden = { before: HIDDEN, after: HIDDEN };
  const differences = [
    { path: "/params/ledger/key", ...hidden },
    { path: "/params/token", ...hidden },
  ];
  expect((await compareRuns(deps, operator, { a, b })).manifest).toEqual(differences);
  const changed = { from: a, params: given("b"), interval };
  expect((await getChanges(deps, operator, changed)).changes).toEqual(differences);
  expect((await getChanges(deps, operator, { ...changed, params: given("a") })).changes).toEqual(
    [],
  );
});

it("goes into reruns and into the forms that send it back", async () => {
  const parent = await start("a");
  await runner.drain({ only: "fail" });
  const plan = await getRerunPlan(deps, operator, { id: parent, scope: "all" });
  const order = { id: parent, scope: "all", planHash: plan.hash, idempotencyKey: randomUUID() };
  const { id } = await rerun(deps, operator, order);
  const [again, before] = [await getRun(deps, operator, id), await getRun(deps, operator, parent)];
  expect(again.certificate?.verdict).toBe("identical");
  expect(again.identity).toBe(before.identity);
  expect((await getDraft(deps, operator, { flow, from: parent })).params).toEqual(given("a"));
});

it("says nothing of which data an interval has", async () => {
  await start("a");
  const newest = await start("b");
  expect(await getCalendar(deps, operator, { flow })).toMatchObject({ usual: {}, choices: [] });
  expect((await getCalendar(deps, operator, { flow })).runs).toEqual([newest]);
});

it("is hidden in backfills, which a new one can be made from", async () => {
  const input = backfillPlanInput.parse({ flow, sets: [given("one"), given("two")] });
  const { id } = await planBackfill(deps, operator, input);
  const told = [
    await getBackfill(deps, operator, { id }),
    await listBackfills(deps, operator, { flow, limit: 10 }),
    await listBackfillIntervals(deps, operator, { id, limit: 10 }),
  ];
  for (const value of told) expect(JSON.stringify(value)).not.toContain("hunter2");
  const again = await getBackfillDraft(
    deps,
    operator,
    backfillDraftInput.parse({ flow, from: id }),
  );
  expect(again.sets).toEqual([given("one"), given("two")]);
});

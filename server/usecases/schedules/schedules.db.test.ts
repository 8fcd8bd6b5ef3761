import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { type Actor, operator } from "#server/auth/actor.ts";
import type { ScheduleSpec } from "#server/core/flow/spec.ts";
import { fireSchedules } from "#server/engine/schedule/fire-schedules.ts";
import { releaseRuns } from "#server/engine/start/release-runs.ts";
import { listFlows } from "#server/usecases/flows/read.ts";
import { getOverview } from "#server/usecases/overview.ts";
import { getTaskIo } from "#server/usecases/runs/io.ts";
import { getRun, listRuns } from "#server/usecases/runs/read.ts";
import {
  DAY_MS,
  dailyAt,
  databaseNow,
  publishScheduled,
  standAt,
} from "../../../test/schedules.ts";
import { sharedDatabase } from "../../../test/shared-database.ts";
import { pauseSchedule, resumeSchedule, runScheduleNow } from "./control.ts";
import { scheduleListInput } from "./inputs.ts";
import { getSchedule, listSchedules } from "./read.ts";

const database = sharedDatabase();
const { deps } = database;

let flow: string;
let now: number;

beforeEach(async () => {
  flow = `flow-${randomUUID()}`;
  now = await databaseNow(deps.pool);
});

const first = () => ({ flow, key: "1" });
const iso = (instant: number) => new Date(instant).toISOString();
const publish = (...schedules: ScheduleSpec[]) =>
  publishScheduled(deps.pool, { id: flow, schedules });
const fire = () => fireSchedules(deps.pool, 100);
const runNow = (idempotencyKey: string = randomUUID()) =>
  runScheduleNow(deps, operator, { ...first(), idempotencyKey });
const get = () => getSchedule(deps, operator, first());
const runsOfFlow = async () =>
  (await listRuns(deps, operator, { filter: { flow }, limit: 50 })).items;

/** An hour from now: nothing is due while a test looks. */
const later = () => dailyAt(now + 3_600_000);

describe("publishing a revision", () => {
  it("arms its schedules from now on, and says in words when they fire", async () => {
    await publish({ ...later(), cron: "30 2 * * *", timezone: "Asia/Seoul" });
    const schedule = await get();
    expect(schedule).toMatchObject({
      state: "active",
      cron: "30 2 * * *",
      words: { en: "At 02:30, every day", ko: "02:30, 매일" },
      timezone: "Asia/Seoul",
      last: null,
      open: 0,
    });
    expect(schedule.next).toHaveLength(5);
    expect(Date.parse(schedule.next[0] ?? "")).toBeGreaterThan(now);
    expect(schedule.next.every((tick) => tick.slice(11) === "17:30:00.000Z")).toBe(true);
  });

  it("keeps a pause when the schedule is edited, and the record of it", async () => {
    await publish(later());
    await pauseSchedule(deps, operator, first());
    await publish({ ...later(), cron: "0 5 * * *" });
    const schedule = await get();
    expect(schedule).toMatchObject({ state: "paused", cron: "0 5 * * *", next: [] });
    expect(schedule.events.map(({ verb }) => verb)).toEqual(["changed", "paused", "added"]);
  });

  it("without the schedule drops it, and its tick does not fire", async () => {
    await publish(dailyAt(now));
    await standAt(deps.pool, flow, now);
    await publish();
    await fire();
    expect(await runsOfFlow()).toEqual([]);
    await expect(get()).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("refuses a schedule whose parameters do not fit, and stores nothing", async () => {
    const refused = publishScheduled(deps.pool, {
      id: flow,
      schedules: [{ ...later(), params: { day: "never" } }],
      params: { day: { type: "string", format: "date" } },
    });
    await expect(refused).rejects.toMatchObject({ code: "INVALID_PARAMS" });
    expect((await listFlows(deps, operator, { q: flow })).items).toEqual([]);
  });
});

describe("a paused schedule", () => {
  it("does not fire, and on resuming goes on with the next tick", async () => {
    await publish(dailyAt(now, { catchup: "all" }));
    await standAt(deps.pool, flow, now - 3 * DAY_MS);
    expect(await pauseSchedule(deps, operator, first())).toMatchObject({
      state: "paused",
      paused: { by: "operator" },
      next: [],
    });
    await fire();
    expect(await runsOfFlow()).toEqual([]);
    const resumed = await resumeSchedule(deps, operator, first());
    expect(resumed).toMatchObject({ state: "active", paused: null });
    expect(Date.parse(resumed.next[0] ?? "")).toBeGreaterThanOrEqual(now + DAY_MS - 1_000);
  });

  it("is paused and resumed once, however often it is asked for", async () => {
    await publish(later());
    for (const _ of [1, 2]) await pauseSchedule(deps, operator, first());
    for (const _ of [1, 2]) await resumeSchedule(deps, operator, first());
    expect((await get()).events.map(({ verb }) => verb)).toEqual(["resumed", "paused", "added"]);
  });

  it("can be run by hand", async () => {
    await publish(later());
    await pauseSchedule(deps, operator, first());
    expect(await runNow()).toMatchObject({ state: "queued", trigger: "manual" });
  });
});

describe("run now", () => {
  it("runs what the newest tick ran: same parameters, same interval, same identity", async () => {
    await publish(dailyAt(now));
    await standAt(deps.pool, flow, now);
    await fire();
    const [ofTick] = await runsOfFlow();
    const byHand = await runNow();
    expect(byHand).toMatchObject({
      trigger: "manual",
      createdBy: "operator",
      schedule: { key: "1", tick: null },
      held: false,
      interval: { start: iso(now - DAY_MS), end: iso(now) },
      identity: ofTick?.identity,
    });
  });

  it("makes one run of a repeated request, and refuses its key for another schedule", async () => {
    await publish(later(), dailyAt(now + 7_200_000));
    const key = randomUUID();
    const runs = await Promise.all([1, 2, 3].map(() => runNow(key)));
    expect(new Set(runs.map(({ id }) => id)).size).toBe(1);
    const other = { flow, key: "2", idempotencyKey: key };
    await expect(runScheduleNow(deps, operator, other)).rejects.toMatchObject({
      code: "IDEMPOTENCY_MISMATCH",
    });
  });

  it("is refused while the flow is archived", async () => {
    await publish(later());
    await deps.pool.query("update flow set archived_at = now() where id = $1", [flow]);
    await expect(runNow()).rejects.toMatchObject({ code: "FLOW_ARCHIVED" });
    expect(await get()).toMatchObject({ state: "resting", next: [] });
  });
});

describe("what is shown", () => {
  it("is the run of the newest tick, with the reason why it waits", async () => {
    await publish(dailyAt(now));
    await standAt(deps.pool, flow, now);
    const ahead = await runNow();
    await fire();
    const { last, open } = await get();
    expect({ last, open }).toMatchObject({
      last: { kind: "run", tick: iso(now), state: "queued", held: true, finishedAt: null },
      open: 2,
    });
    const run = last?.kind === "run" ? last.run : "";
    expect(await getRun(deps, operator, run)).toMatchObject({
      trigger: "schedule",
      held: true,
      schedule: { key: "1", tick: iso(now) },
    });
    expect(await getTaskIo(deps, operator, { id: run, task: "only" })).toMatchObject({
      waits: [{ kind: "earlier_runs", runs: [ahead.id] }],
    });
    expect((await releaseRuns(deps.pool)).released).toBe(0);
  });

  it("is the skipped tick when that is newer", async () => {
    await publish(dailyAt(now, { overlap: "skip" }));
    await standAt(deps.pool, flow, now);
    const ahead = await runNow();
    await fire();
    expect((await get()).last).toEqual({ kind: "skipped", tick: iso(now), run: ahead.id });
  });

  it("is what was missed, on the schedule and on the overview", async () => {
    const before = await getOverview(deps, operator);
    const missedAt = now - 600_000;
    await publish(dailyAt(missedAt, { catchup: "none" }));
    await standAt(deps.pool, flow, missedAt - 2 * DAY_MS);
    await fire();
    const missed = { first: iso(missedAt - 2 * DAY_MS), last: iso(missedAt), count: 3, started: 0 };
    expect(await get()).toMatchObject({ last: { kind: "missed", ...missed }, missed });
    const after = await getOverview(deps, operator);
    expect(after.troubledSchedules).toBe(before.troubledSchedules + 1);
  });

  it("is over after the end", async () => {
    await publish({ ...later(), end: iso(now - 1_000) });
    expect(await get()).toMatchObject({ state: "over", next: [] });
  });

  it("names the first ticks over all flows, and the next one of each flow", async () => {
    const soon = now + 30_000;
    await publish(dailyAt(soon), later());
    const overview = await getOverview(deps, operator);
    expect(overview.nextTicks).toContainEqual({
      flow,
      flowName: null,
      key: "1",
      tick: iso(soon),
      timezone: "UTC",
    });
    const { items } = await listFlows(deps, operator, { q: flow });
    expect(items).toMatchObject([{ id: flow, nextTick: iso(soon) }]);
  });
});

describe("the list", () => {
  it("goes by flow and place, page by page, and finds by a part of the name", async () => {
    await publish(later(), dailyAt(now + 7_200_000), dailyAt(now + 9_000_000));
    const list = (over: Record<string, unknown>) =>
      listSchedules(deps, operator, scheduleListInput.parse({ q: flow.slice(5, 20), ...over }));
    const page = await list({ limit: 2 });
    expect(page.items.map(({ key }) => key)).toEqual(["1", "2"]);
    const rest = await list({ limit: 2, cursor: page.next });
    expect(rest.items.map(({ key }) => key)).toEqual(["3"]);
    expect(rest.next).toBeNull();
    expect((await list({ q: "100%" })).items).toEqual([]);
  });
});

describe("permissions", () => {
  const nobody: Actor = { kind: "operator", name: "nobody", permissions: new Set() };

  it.each([
    { name: "list", ask: () => listSchedules(deps, nobody, scheduleListInput.parse({})) },
    { name: "get", ask: () => getSchedule(deps, nobody, first()) },
    { name: "pause", ask: () => pauseSchedule(deps, nobody, first()) },
    { name: "resume", ask: () => resumeSchedule(deps, nobody, first()) },
    {
      name: "run now",
      ask: () => runScheduleNow(deps, nobody, { ...first(), idempotencyKey: randomUUID() }),
    },
  ])("$name needs one", async ({ ask }) => {
    await expect(ask()).rejects.toMatchObject({ code: "FORBIDDEN" });
  });
});

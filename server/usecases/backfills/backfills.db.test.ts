import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { operator } from "#server/auth/actor.ts";
import { BACKFILL_PRIORITY, sumCounts } from "#server/core/backfill/states.ts";
import type { BackfillDetail, BackfillRowView } from "#server/core/backfill/view.ts";
import { moveBackfills } from "#server/engine/backfill/move-backfills.ts";
import { getQueue } from "#server/usecases/queue/read.ts";
import { cancelRun } from "#server/usecases/runs/cancel.ts";
import { createRun } from "#server/usecases/runs/create.ts";
import { createRunInput } from "#server/usecases/runs/inputs.ts";
import { getRerunPlan, rerun } from "#server/usecases/runs/rerun.ts";
import { pauseSchedule } from "#server/usecases/schedules/control.ts";
import type { TaskDraft } from "../../../test/flow-builder.ts";
import type { Judge } from "../../../test/hand-runner.ts";
import { publishScheduled } from "../../../test/schedules.ts";
import { sharedDatabase, sharedRunner } from "../../../test/shared-database.ts";
import {
  cancelBackfill,
  pauseBackfill,
  resumeBackfill,
  retryFailed,
  setBackfillConcurrency,
} from "./control.ts";
import { backfillListInput, backfillPlanInput } from "./inputs.ts";
import { planBackfill } from "./plan.ts";
import { getBackfill, getBackfillCells, listBackfillIntervals, listBackfills } from "./read.ts";
import { startBackfill } from "./start.ts";

const database = sharedDatabase();
const { deps } = database;
const runner = sharedRunner(database);

let flow: string;

beforeEach(async () => {
  flow = `flow-${randomUUID()}`;
  await publish();
});

const publish = (tasks: Record<string, TaskDraft> = { only: {} }) =>
  publishScheduled(deps.pool, { id: flow, schedules: [], tasks });
const plan = (input: object = {}) =>
  planBackfill(
    deps,
    operator,
    backfillPlanInput.parse({ flow, from: "2020-01-01", to: "2020-01-11", ...input }),
  );
const start = (id: string, planHash: string, more: object = {}) =>
  startBackfill(deps, operator, { id, planHash, idempotencyKey: randomUUID(), ...more });
const get = (id: string) => getBackfill(deps, operator, { id });
const move = () => moveBackfills(deps.pool);

async function begin(input: object = {}, more: object = {}): Promise<string> {
  const { id, hash } = await plan(input);
  await start(id, hash, more);
  return id;
}

const rowsOf = async (id: string): Promise<BackfillRowView[]> =>
  (await listBackfillIntervals(deps, operator, { id, limit: 500 })).items;
const statesOf = async (id: string) => (await rowsOf(id)).map(({ state }) => state);

/** Fails the runs of these days of January 2020, and lets all others succeed. */
function failing(...days: number[]): Judge {
  return async (_, runId) => {
    const run = await deps.pool.query<{ day: number }>(
      "select extract(day from interval_start at time zone 'UTC')::int as day from run where id = $1",
      [runId],
    );
    return days.includes(run.rows[0]?.day ?? 0) ? "fail" : undefined;
  };
}

/** Lets the window move and its runs end, by turns, until nothing changes. */
async function play(id: string, how: Judge = failing()): Promise<BackfillDetail> {
  for (;;) {
    const before = await get(id);
    expect(sumCounts(before.counts)).toBe(before.total);
    await move();
    expect((await get(id)).counts.running).toBeLessThanOrEqual(before.concurrency);
    await runner.drain(how);
    await move();
    const after = await get(id);
    if (after.version === before.version) return after;
  }
}

describe("starting", () => {
  it("runs every interval once, in order and no more than so many at a time", async () => {
    const id = await begin({ concurrency: 3 });
    await move();
    await move();
    expect((await get(id)).counts).toMatchObject({ running: 3, waiting: 7 });
    expect((await statesOf(id)).slice(2, 5)).toEqual(["running", "waiting", "waiting"]);
    const full = { kind: "window", window: 3, running: 3 };
    expect((await rowsOf(id)).map(({ waits }) => waits)).toEqual([
      ...[null, null, null],
      ...Array.from({ length: 7 }, () => full),
    ]);
    expect((await get(id)).waits).toEqual(full);
    const { backfills } = await getQueue(deps, operator);
    expect(backfills).toMatchObject([{ id, flow, overSets: false, waiting: 7, waits: full }]);
    const end = await play(id);
    expect(end).toMatchObject({ state: "succeeded", counts: { succeeded: 10 }, eta: null });
    expect(end.finishedAt).not.toBeNull();
    expect(end.events.map(({ verb }) => verb)).toEqual(["ended", "started"]);
    const runs = await deps.pool.query(
      `select trigger, priority, created_by, backfill_try, interval_start from run
        where backfill_id = $1 order by id`,
      [id],
    );
    expect(runs.rows).toHaveLength(10);
    expect(runs.rows[0]).toEqual({
      trigger: "backfill",
      priority: BACKFILL_PRIORITY,
      created_by: "operator",
      backfill_try: 1,
      interval_start: new Date("2020-01-01T00:00:00Z"),
    });
    const tasks = await deps.pool.query(
      `select distinct t.priority from task_run t join run r on r.id = t.run_id
        where r.backfill_id = $1`,
      [id],
    );
    expect(tasks.rows).toEqual([{ priority: BACKFILL_PRIORITY }]);
  });

  it("goes from the latest interval to the earliest when asked to", async () => {
    const id = await begin({ order: "desc", concurrency: 1 });
    await move();
    const [first] = await rowsOf(id);
    expect(first).toMatchObject({
      state: "running",
      interval: { start: "2020-01-10T00:00:00.000Z", end: "2020-01-11T00:00:00.000Z" },
    });
  });

  it("goes on while the schedule whose intervals it takes is paused", async () => {
    const daily = { cron: "0 0 * * *", timezone: "UTC", catchup: "all", overlap: "queue" } as const;
    await publishScheduled(deps.pool, { id: flow, schedules: [daily] });
    const id = await begin({ step: "schedule", concurrency: 3 });
    await move();
    expect(await pauseSchedule(deps, operator, { flow, key: "1" })).toMatchObject({
      state: "paused",
    });
    expect(await play(id)).toMatchObject({ state: "succeeded", counts: { succeeded: 10 } });
  });

  it("runs a set of parameters each, and skips those that have succeeded", async () => {
    await publishScheduled(deps.pool, {
      id: flow,
      schedules: [],
      tasks: { only: {} },
      params: { z: { type: "string" }, count: { type: "integer", default: 1 } },
    });
    const sets = [{ z: "b" }, { z: "a", count: 2 }, { z: "c" }];
    const { id, hash } = await planBackfill(
      deps,
      operator,
      backfillPlanInput.parse({ flow, sets: sets.slice(0, 2), concurrency: 5 }),
    );
    await start(id, hash);
    expect(await play(id)).toMatchObject({ state: "succeeded", range: null });
    const again = await planBackfill(deps, operator, backfillPlanInput.parse({ flow, sets }));
    expect(again).toMatchObject({ counts: { run: 1, skip: 2 }, reasons: { succeeded: 2 } });
    expect(again.rows.items.map(({ params }) => params)).toEqual([
      { z: "b", count: 1 },
      { z: "a", count: 2 },
      { z: "c", count: 1 },
    ]);
    const cells = await getBackfillCells(deps, operator, { id: again.id });
    expect(cells).toMatchObject({ starts: null, states: [5, 5, 0], decisions: [1, 1, 0] });
  });

  describe("over sets of parameters that others run as well", () => {
    const sets = [{ z: "a" }, { z: "b" }, { z: "c" }];
    beforeEach(() =>
      publishScheduled(deps.pool, {
        id: flow,
        schedules: [],
        tasks: { only: {} },
        params: { z: { type: "string" } },
      }),
    );
    const planSets = () =>
      planBackfill(deps, operator, backfillPlanInput.parse({ flow, sets, concurrency: 5 }));
    const runSet = (z: string, more: object = {}) =>
      createRun(
        deps,
        operator,
        createRunInput.parse({ flow, params: { z }, idempotencyKey: randomUUID(), ...more }),
      );

    it("refuses the plan when one of them has begun to run since", async () => {
      const { id, hash } = await planSets();
      const { id: live } = await runSet("b");
      await expect(start(id, hash)).rejects.toMatchObject({
        code: "STALE_PLAN",
        data: { counts: { run: 2, skip: 1 }, reasons: { live: 1 } },
      });
      const reason = { kind: "live", run: live };
      expect((await rowsOf(id))[1]).toMatchObject({ decision: "skip", reason });
    });

    it("lets a set wait for a live run of it when its turn comes, and no other", async () => {
      const { id, hash } = await planSets();
      await start(id, hash);
      const { id: live } = await runSet("b");
      // About other data: it has an interval.
      const interval = { start: "2020-01-03T00:00:00Z", end: "2020-01-04T00:00:00Z" };
      await runSet("c", { interval });
      await move();
      expect(await statesOf(id)).toEqual(["running", "waiting", "running"]);
      await cancelRun(deps, operator, { id: live });
      expect(await play(id)).toMatchObject({ state: "succeeded", counts: { succeeded: 3 } });
      const row = (await rowsOf(id))[1];
      expect(Number(row?.run)).toBeGreaterThan(Number(live));
    });
  });

  it("gives the same backfill for the same key, and refuses the key for another one", async () => {
    const [one, same] = [await plan(), await plan()];
    const request = { id: one.id, planHash: one.hash, idempotencyKey: randomUUID() };
    const starts = await Promise.all([1, 2, 3].map(() => startBackfill(deps, operator, request)));
    expect(new Set(starts.map(({ id }) => id))).toEqual(new Set([one.id]));
    expect((await get(one.id)).events).toHaveLength(1);
    // Asked for once more, as a script would that had no answer.
    const again = { ...request, id: same.id, planHash: same.hash };
    expect((await startBackfill(deps, operator, again)).id).toBe(one.id);
    const other = await plan({ to: "2020-01-12" });
    await expect(
      startBackfill(deps, operator, { ...request, id: other.id, planHash: other.hash }),
    ).rejects.toMatchObject({ code: "IDEMPOTENCY_MISMATCH" });
    await expect(start(one.id, one.hash)).rejects.toMatchObject({ code: "CONFLICT" });
  });

  it("refuses a plan that would look different by now, and stores the new one", async () => {
    const { id, hash } = await plan();
    await createRun(
      deps,
      operator,
      createRunInput.parse({
        flow,
        interval: { start: "2020-01-03T00:00:00Z", end: "2020-01-04T00:00:00Z" },
        idempotencyKey: randomUUID(),
      }),
    );
    const refused = await start(id, hash).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: "STALE_PLAN",
      data: { counts: { run: 9, skip: 1 }, reasons: { live: 1 } },
    });
    const shown = await get(id);
    expect(shown.planHash).not.toBe(hash);
    expect((await rowsOf(id))[2]).toMatchObject({ decision: "skip", reason: { kind: "live" } });
    await start(id, shown.planHash);
    expect(await play(id)).toMatchObject({ counts: { succeeded: 9, skipped: 1 } });
  });

  it("waits for a live run of the same interval that came after the start", async () => {
    const id = await begin({ to: "2020-01-03", concurrency: 5 });
    const { id: run } = await createRun(
      deps,
      operator,
      createRunInput.parse({
        flow,
        interval: { start: "2020-01-01T00:00:00Z", end: "2020-01-02T00:00:00Z" },
        idempotencyKey: randomUUID(),
      }),
    );
    await move();
    expect(await statesOf(id)).toEqual(["waiting", "running"]);
    expect((await rowsOf(id))[0]?.waits).toEqual({ kind: "live_run", run });
    await cancelRun(deps, operator, { id: run });
    await move();
    expect(await statesOf(id)).toEqual(["running", "running"]);
  });

  it("refuses when there is nothing to run", async () => {
    await play(await begin());
    const { id, hash } = await plan();
    await expect(start(id, hash)).rejects.toMatchObject({ code: "NOTHING_TO_RUN" });
  });
});

describe("reprocessing", () => {
  it("takes missing and failed ones, skips what succeeded, each with its reason", async () => {
    const before = await begin({ to: "2020-01-04", concurrency: 5 });
    await play(before, failing(2));
    const [, second] = await rowsOf(before);
    const byMode = async (reprocess: string) => {
      const { rows } = await plan({ to: "2020-01-05", reprocess });
      return rows.items.map(({ decision, reason }) => `${decision} ${reason.kind}`);
    };
    const seen = ["succeeded", "failed", "succeeded", "missing"];
    const expected = (...chosen: string[]) =>
      seen.map((kind) => `${chosen.includes(kind) ? "run" : "skip"} ${kind}`);
    expect(await byMode("missing")).toEqual(expected("missing"));
    expect(await byMode("failed")).toEqual(expected("missing", "failed"));
    expect(await byMode("all")).toEqual(expected("missing", "failed", "succeeded"));
    const { rows } = await plan({ to: "2020-01-05" });
    expect(rows.items[1]?.reason).toEqual({ kind: "failed", run: second?.run });
  });

  it("does not take the results of other parameters for its own", async () => {
    const params = { station: { type: "string", default: "seattle" } };
    await publishScheduled(deps.pool, { id: flow, schedules: [], params });
    await play(await begin({ concurrency: 20 }));
    expect((await plan()).counts).toEqual({ run: 0, skip: 10 });
    expect((await plan({ params: { station: "portland" } })).counts).toEqual({ run: 10, skip: 0 });
    // A parameter that came later makes no other result.
    const later = { ...params, unit: { type: "string", default: "C" } };
    await publishScheduled(deps.pool, { id: flow, schedules: [], params: later });
    expect((await plan()).counts).toEqual({ run: 0, skip: 10 });
  });

  it("asks for a reason before effects outside are repeated, and records it", async () => {
    await publish({ mail: { writes: { mode: "external" } } });
    await play(await begin({ to: "2020-01-03" }));
    const { id, hash, guarded } = await plan({ to: "2020-01-04", reprocess: "all" });
    expect(guarded).toEqual({ rows: 2, tasks: ["mail"] });
    await expect(start(id, hash)).rejects.toMatchObject({
      code: "GUARD_REASON_REQUIRED",
      data: { rows: 2, tasks: ["mail"] },
    });
    expect((await get(id)).state).toBe("planned");
    await start(id, hash, { reason: "the provider lost them" });
    expect(await play(id)).toMatchObject({ state: "succeeded", reason: "the provider lost them" });
    const runs = await deps.pool.query<{ reason: string | null }>(
      "select reason from run where backfill_id = $1 order by id",
      [id],
    );
    expect(runs.rows.map(({ reason }) => reason)).toEqual([
      "the provider lost them",
      "the provider lost them",
      null,
    ]);
  });
});

describe("stopping by itself", () => {
  it("runs the first ones alone and goes on when they succeed", async () => {
    const id = await begin({ canary: 2, concurrency: 5 });
    await move();
    await move();
    expect((await get(id)).counts).toMatchObject({ running: 2, waiting: 8 });
    expect((await rowsOf(id))[2]?.waits).toEqual({ kind: "canary", rows: 2 });
    expect(await play(id)).toMatchObject({ state: "succeeded", canary: null, waits: null });
  });

  it("pauses when one of the first fails, and goes on after a retry", async () => {
    const id = await begin({ canary: 2, concurrency: 5 });
    const paused = await play(id, failing(2));
    expect(paused).toMatchObject({
      state: "paused",
      pause: { kind: "canary", failed: 1 },
      counts: { succeeded: 1, failed: 1, waiting: 8 },
      controls: { resume: true, retryFailed: true, pause: false },
    });
    await retryFailed(deps, operator, { id });
    expect(await play(id)).toMatchObject({ state: "succeeded", counts: { succeeded: 10 } });
  });

  it("goes on past first ones that failed when somebody resumes it", async () => {
    const id = await begin({ canary: 1, concurrency: 5 });
    await play(id, failing(1));
    await resumeBackfill(deps, operator, { id });
    expect(await play(id)).toMatchObject({
      state: "failed",
      canary: null,
      counts: { succeeded: 9, failed: 1 },
    });
  });

  it("pauses after so many failures, and counts anew when somebody resumes it", async () => {
    const id = await begin({ stopAfter: 2, concurrency: 1 });
    const bad = failing(2, 4, 6, 8);
    expect(await play(id, bad)).toMatchObject({
      state: "paused",
      pause: { kind: "failures", failed: 2 },
      counts: { succeeded: 2, failed: 2, waiting: 6 },
    });
    await resumeBackfill(deps, operator, { id });
    expect(await play(id, bad)).toMatchObject({
      state: "paused",
      counts: { succeeded: 4, failed: 4, waiting: 2 },
    });
  });

  it("pauses when the flow is archived, and does not resume before it is back", async () => {
    const id = await begin({ concurrency: 1 });
    await move();
    await deps.pool.query("update flow set archived_at = now() where id = $1", [flow]);
    expect(await play(id)).toMatchObject({ state: "paused", pause: { kind: "archived" } });
    await expect(resumeBackfill(deps, operator, { id })).rejects.toMatchObject({
      code: "FLOW_ARCHIVED",
    });
  });
});

describe("controls", () => {
  it("pauses: nothing more starts, and runs go on to their end", async () => {
    const id = await begin({ concurrency: 2 });
    await move();
    const paused = await pauseBackfill(deps, operator, { id });
    expect(paused).toMatchObject({
      state: "paused",
      pause: { kind: "person", by: "operator" },
      waits: { kind: "paused" },
    });
    expect((await play(id)).counts).toMatchObject({ succeeded: 2, waiting: 8 });
    await pauseBackfill(deps, operator, { id });
    await resumeBackfill(deps, operator, { id });
    const end = await play(id);
    expect(end.state).toBe("succeeded");
    expect(end.events.map(({ verb }) => verb)).toEqual(["ended", "resumed", "paused", "started"]);
  });

  it("changes how many run at a time, in both directions", async () => {
    const id = await begin({ concurrency: 2 });
    await move();
    await setBackfillConcurrency(deps, operator, { id, concurrency: 5 });
    await move();
    expect((await get(id)).counts.running).toBe(5);
    await setBackfillConcurrency(deps, operator, { id, concurrency: 1 });
    await move();
    expect((await get(id)).counts.running).toBe(5);
    await runner.drain();
    await move();
    expect((await get(id)).counts).toMatchObject({ succeeded: 5, running: 1, waiting: 4 });
  });

  it("cancels what waits and leaves what runs", async () => {
    const id = await begin({ concurrency: 3 });
    await move();
    const cancelled = await cancelBackfill(deps, operator, { id, running: "leave" });
    expect(cancelled).toMatchObject({
      state: "cancelling",
      counts: { running: 3, cancelled: 7, waiting: 0 },
    });
    expect(await play(id)).toMatchObject({
      state: "cancelled",
      counts: { succeeded: 3, cancelled: 7 },
      controls: { retryFailed: false, cancel: false, resume: false },
    });
    await expect(resumeBackfill(deps, operator, { id })).rejects.toMatchObject({
      code: "ALREADY_ENDED",
    });
  });

  it("cancels what runs as well, and ends", async () => {
    const id = await begin({ concurrency: 3 });
    await move();
    await cancelBackfill(deps, operator, { id, running: "cancel", reason: "wrong year" });
    await move();
    await move();
    const end = await get(id);
    expect(end).toMatchObject({ state: "cancelled", counts: { cancelled: 10 } });
    expect(end.events[1]).toMatchObject({
      verb: "cancel_requested",
      detail: { running: "cancel", waiting: 7, reason: "wrong year" },
    });
    const runs = await deps.pool.query("select distinct state from run where backfill_id = $1", [
      id,
    ]);
    expect(runs.rows).toEqual([{ state: "cancelled" }]);
  });

  it("ends at once when it is cancelled before anything runs", async () => {
    const id = await begin();
    await pauseBackfill(deps, operator, { id });
    expect(await cancelBackfill(deps, operator, { id, running: "leave" })).toMatchObject({
      state: "cancelled",
      counts: { cancelled: 10 },
    });
  });

  it("counts a run that somebody cancelled as lost, and tries it again with the failed ones", async () => {
    const id = await begin({ to: "2020-01-03" });
    await move();
    const [first] = await rowsOf(id);
    await cancelRun(deps, operator, { id: first?.run ?? "" });
    expect(await play(id)).toMatchObject({
      state: "failed",
      counts: { succeeded: 1, cancelled: 1 },
    });
    await retryFailed(deps, operator, { id });
    expect(await play(id)).toMatchObject({ state: "succeeded", counts: { succeeded: 2 } });
  });
});

describe("retrying what failed", () => {
  it("reruns only the failed tasks of the failed rows, identical, and ends anew", async () => {
    await publish({ load: {}, report: { needs: ["load"] } });
    const id = await begin({ concurrency: 20 });
    const judge: Judge = async (task, run) =>
      task === "report" ? failing(3, 7)(task, run) : undefined;
    expect(await play(id, judge)).toMatchObject({
      state: "failed",
      counts: { succeeded: 8, failed: 2 },
    });
    const failed = await listBackfillIntervals(deps, operator, {
      id,
      state: ["failed"],
      limit: 10,
    });
    expect(failed.items.map(({ ordinal, firstError }) => [ordinal, firstError?.message])).toEqual([
      [2, "exit code 1"],
      [6, "exit code 1"],
    ]);
    const again = await retryFailed(deps, operator, { id });
    expect(again).toMatchObject({ state: "running", counts: { waiting: 2, failed: 0 } });
    const end = await play(id);
    expect(end).toMatchObject({ state: "succeeded", counts: { succeeded: 10 } });
    expect(end.events.map(({ verb }) => verb)).toEqual(["ended", "retried", "ended", "started"]);
    const row = (await rowsOf(id))[2];
    expect(row).toMatchObject({ state: "succeeded", tries: 2, firstError: null });
    const runs = await deps.pool.query(
      `select r.backfill_try, r.trigger, r.rerun_scope, r.priority,
              r.certificate ->> 'verdict' as verdict,
              array_agg(t.state::text order by t.ordinal) as tasks
         from run r join task_run t on t.run_id = r.id
        where r.backfill_id = $1 and r.backfill_ordinal = 2 group by r.id order by r.id`,
      [id],
    );
    expect(runs.rows).toMatchObject([
      { backfill_try: 1, trigger: "backfill", tasks: ["succeeded", "failed"] },
      {
        backfill_try: 2,
        trigger: "rerun",
        rerun_scope: "failed",
        priority: BACKFILL_PRIORITY,
        verdict: "identical",
        tasks: ["reused", "succeeded"],
      },
    ]);
    await expect(retryFailed(deps, operator, { id })).rejects.toMatchObject({
      code: "NOTHING_TO_RUN",
    });
  });

  it("counts a rerun that somebody asks for by hand, also after the end", async () => {
    const id = await begin({ to: "2020-01-03" });
    expect(await play(id, failing(1))).toMatchObject({ state: "failed" });
    const [failed] = await rowsOf(id);
    const parent = failed?.run ?? "";
    const rerunPlan = await getRerunPlan(deps, operator, { id: parent, scope: "all" });
    const order = {
      id: parent,
      scope: "all",
      planHash: rerunPlan.hash,
      idempotencyKey: randomUUID(),
    };
    const again = await rerun(deps, operator, order);
    expect((await rerun(deps, operator, order)).id).toBe(again.id);
    expect(await get(id)).toMatchObject({ state: "running", counts: { running: 1 } });
    expect((await rowsOf(id))[0]).toMatchObject({ state: "running", run: again.id, tries: 2 });
    const end = await play(id);
    expect(end).toMatchObject({ state: "succeeded", counts: { succeeded: 2 } });
    expect(end.events.map(({ verb }) => verb)).toEqual(["ended", "rerun", "ended", "started"]);
    // A rerun of what succeeded is nobody's concern.
    const other = await getRerunPlan(deps, operator, { id: again.id, scope: "all" });
    await rerun(deps, operator, {
      ...order,
      id: again.id,
      planHash: other.hash,
      idempotencyKey: randomUUID(),
    });
    expect(await get(id)).toMatchObject({ state: "succeeded", version: end.version });
    await runner.drain();
  });

  it("says which rows it may not rerun, and does so once there is a reason", async () => {
    await publish({
      load: {},
      mail: { needs: ["load"], if: "always()", writes: { mode: "external" } },
    });
    const id = await begin({ to: "2020-01-02" });
    await play(id, async (task) => (task === "load" ? "fail" : undefined));
    await retryFailed(deps, operator, { id });
    expect(await play(id)).toMatchObject({ state: "failed", counts: { failed: 1 } });
    expect((await rowsOf(id))[0]?.problem).toContain("mail");
    await retryFailed(deps, operator, { id, reason: "they can take two mails" });
    expect(await play(id)).toMatchObject({ state: "succeeded" });
    expect((await rowsOf(id))[0]).toMatchObject({ problem: null, tries: 2 });
  });
});

describe("reading", () => {
  it("lists started backfills, newest first, with what they are about", async () => {
    const ids = [await begin(), await begin({ from: "2021-01-01", to: "2021-02-01" })];
    const page = await listBackfills(deps, operator, backfillListInput.parse({ flow, limit: 1 }));
    expect(page.items.map(({ id }) => id)).toEqual([ids[1]]);
    expect(page.items[0]).toMatchObject({ total: 31, createdBy: "operator" });
    const rest = await listBackfills(
      deps,
      operator,
      backfillListInput.parse({ flow, cursor: page.next }),
    );
    expect(rest.items.map(({ id }) => id)).toEqual([ids[0]]);
    expect(rest.next).toBeNull();
  });

  it("says how fast it goes and when it will be done", async () => {
    const id = await begin({ concurrency: 1 });
    for (let i = 0; i < 4; i++) {
      await move();
      await runner.drain();
    }
    await move();
    const backfill = await get(id);
    expect(backfill.perHour).toBeGreaterThan(0);
    expect(Date.parse(backfill.eta ?? "")).toBeGreaterThan(Date.parse(backfill.now));
  });

  it("knows nothing of a backfill that is not there", async () => {
    await expect(get("999999")).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(pauseBackfill(deps, operator, { id: "999999" })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });
});

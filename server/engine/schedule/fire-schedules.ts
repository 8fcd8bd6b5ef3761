/**
 * Ticks become runs. A tick, its run and the step of the schedule to its next tick are one
 * transaction on a locked schedule: whatever dies in between, a tick makes exactly one run, and a
 * unique key says so once more.
 */
import type { Pool, PoolClient } from "pg";
import { AppError } from "../../core/errors.ts";
import { scheduleClock } from "../../core/schedule/clock.ts";
import { type FirePlan, planFire, type TickStart } from "../../core/schedule/fire.ts";
import { nextTick } from "../../core/schedule/ticks.ts";
import { isLocked } from "../../db/failures.ts";
import { insertNotice } from "../../db/notify/notices.ts";
import {
  findOpenRuns,
  insertScheduleEvents,
  lockDueSchedules,
  moveSchedules,
  type NewScheduleEvent,
  type ScheduleRef,
  type ScheduleRow,
} from "../../db/schedule/schedules.ts";
import { inTransaction } from "../../db/transaction.ts";
import { faultPoint } from "../faults.ts";
import { cancelRunWithin } from "../settle/settle.ts";
import { type RunOrder, startRuns } from "../start/start-runs.ts";

/** Name under which runs and events of schedules are recorded. */
const ACTOR = "schedule";

/** A schedule whose ticks could not be fired, and why. */
export interface FailedTick {
  flowId: string;
  key: string;
  error: unknown;
}

export interface FireResult {
  /** Schedules that had a tick due. */
  schedules: number;
  failed: FailedTick[];
}

/**
 * Fires the due ticks of at most `limit` schedules. Safe to race. One schedule that cannot be fired
 * does not keep the others waiting: it is recorded and moves on to its next tick. One whose runs another
 * session has locked keeps its tick.
 * @throws the driver's error when the database cannot be reached
 */
export async function fireSchedules(pool: Pool, limit: number): Promise<FireResult> {
  try {
    const schedules = await inTransaction(pool, (client) => fireDue(client, limit));
    return { schedules, failed: [] };
  } catch (error) {
    if (!isOfOne(error) && !isLocked(error)) throw error;
  }
  // Someone in the batch is to blame: one by one, in the same order.
  const result: FireResult = { schedules: 0, failed: [] };
  const locked: ScheduleRef[] = [];
  for (let done = 0; done < limit; done++) {
    const fired = await fireFirst(pool, locked);
    if (fired === null) break;
    if (fired === "fired") {
      result.schedules += 1;
      continue;
    }
    result.failed.push(fired);
    if (isLocked(fired.error)) locked.push(fired);
    else result.schedules += 1;
  }
  return result;
}

/** Whether an error comes from what a schedule holds and not from the state of the database. */
function isOfOne(error: unknown): boolean {
  if (error instanceof AppError || error instanceof RangeError) return true;
  const code = (error as { code?: unknown }).code;
  // Classes 22 and 23 of SQLSTATE: data that does not fit, constraints.
  return typeof code === "string" && /^2[23]/.test(code);
}

/** Fires the schedule that has been due for the longest; null when there is none but those excepted. */
async function fireFirst(
  pool: Pool,
  except: readonly ScheduleRef[],
): Promise<"fired" | FailedTick | null> {
  try {
    const schedules = await inTransaction(pool, (client) => fireDue(client, 1, except));
    return schedules === 0 ? null : "fired";
  } catch (error) {
    if (!isOfOne(error) && !isLocked(error)) throw error;
    return inTransaction(pool, (client) => passOver(client, except, error));
  }
}

/**
 * Moves the schedule that has been due for the longest on, without a run, and records why. One that is
 * locked keeps its tick.
 */
async function passOver(
  client: PoolClient,
  except: readonly ScheduleRef[],
  error: unknown,
): Promise<FailedTick | null> {
  const [schedule] = await lockDueSchedules(client, 1, except);
  if (schedule === undefined) return null;
  const { flowId, key, nextTick: tick, now } = schedule;
  if (isLocked(error)) return { flowId, key, error };
  await moveSchedules(client, [{ flowId, key, next: followingTick(schedule, now) }]);
  await insertScheduleEvents(client, [
    {
      flowId,
      key,
      actor: ACTOR,
      verb: "failed",
      ...(tick === null ? {} : { tick }),
      detail: { message: error instanceof Error ? error.message : String(error) },
    },
  ]);
  return { flowId, key, error };
}

/** Null when the schedule cannot even tell: then it rests until its flow changes. */
function followingTick(schedule: ScheduleRow, now: number): number | null {
  try {
    return nextTick(scheduleClock(schedule.spec), now);
  } catch (error) {
    if (isOfOne(error)) return null;
    throw error;
  }
}

/** @returns how many schedules had a tick due */
async function fireDue(
  client: PoolClient,
  limit: number,
  except: readonly ScheduleRef[] = [],
): Promise<number> {
  const due = await lockDueSchedules(client, limit, except);
  if (due.length === 0) return 0;
  faultPoint("before-tick");
  const live = due.filter((schedule) => !schedule.archived);
  const open = await openRuns(client, live);
  const plans = live.map((schedule) => ({ schedule, plan: planOf(schedule, open) }));
  for (const { schedule, plan } of plans) {
    for (const run of plan.cancel) await cancelForTick(client, schedule, run);
  }
  await startRuns(
    client,
    plans.flatMap(({ schedule, plan }) => plan.starts.map((start) => runOf(schedule, start))),
  );
  faultPoint("within-tick");
  await moveSchedules(client, [
    ...plans.map(({ schedule, plan }) => ({ ...refOf(schedule), next: plan.next })),
    // The flow is archived: its schedules rest until it comes back.
    ...due.filter((schedule) => schedule.archived).map((s) => ({ ...refOf(s), next: null })),
  ]);
  await insertScheduleEvents(
    client,
    plans.flatMap(({ schedule, plan }) => eventsOf(schedule, plan)),
  );
  for (const { schedule, plan } of plans) {
    const missed = missedOf(plan);
    if (missed === null) continue;
    await insertNotice(client, {
      event: "schedule_missed",
      flowId: schedule.flowId,
      revisionId: schedule.revisionId,
      detail: { schedule: schedule.key, ...missed },
    });
  }
  return due.length;
}

const refOf = ({ flowId, key }: ScheduleRow) => ({ flowId, key });
const nameOf = ({ flowId, key }: { flowId: string; key: string }) => JSON.stringify([flowId, key]);

async function openRuns(
  client: PoolClient,
  schedules: readonly ScheduleRow[],
): Promise<Map<string, string[]>> {
  const open = new Map<string, string[]>();
  for (const run of await findOpenRuns(client, schedules)) {
    const same = open.get(nameOf(run));
    if (same === undefined) open.set(nameOf(run), [run.id]);
    else same.push(run.id);
  }
  return open;
}

function planOf(schedule: ScheduleRow, open: ReadonlyMap<string, string[]>): FirePlan {
  const { spec, nextTick: pending, now } = schedule;
  const runs = open.get(nameOf(schedule)) ?? [];
  return planFire(scheduleClock(spec), spec, pending ?? now, now, runs);
}

function runOf(schedule: ScheduleRow, start: TickStart): RunOrder {
  const { flowId, key, revisionId, revisionHash, params } = schedule;
  const { timezone } = schedule.spec;
  const interval =
    start.span === null ? null : { start: iso(start.span.start), end: iso(start.span.end) };
  return {
    flowId,
    revisionId,
    revisionHash,
    params,
    interval,
    timezone,
    trigger: "schedule",
    createdBy: ACTOR,
    idempotencyKey: null,
    requestHash: null,
    schedule: { key, tick: iso(start.tick), held: start.held },
  };
}

function eventsOf(schedule: ScheduleRow, plan: FirePlan): NewScheduleEvent[] {
  const base = { ...refOf(schedule), actor: ACTOR };
  const events: NewScheduleEvent[] = plan.skipped.map(({ tick, run }) => ({
    ...base,
    verb: "skipped",
    tick,
    detail: { run },
  }));
  const [first] = plan.starts;
  if (plan.cancel.length > 0 && first !== undefined) {
    events.push({ ...base, verb: "replaced", tick: first.tick, detail: { runs: plan.cancel } });
  }
  const missed = missedOf(plan);
  if (missed !== null) {
    const detail = {
      catchup: schedule.spec.catchup,
      ...missed,
      exact: plan.dropped?.exact ?? true,
    };
    events.push({ ...base, verb: "missed", tick: Date.parse(missed.last), detail });
  }
  return events;
}

/** Ticks that were missed, whether they are fired late or not; null when none was. */
function missedOf({ starts, dropped }: FirePlan) {
  const late = starts.filter((start) => start.late).map((start) => start.tick);
  if (late.length === 0 && dropped === null) return null;
  return {
    first: iso(dropped?.first ?? late[0] ?? 0),
    last: iso(late.at(-1) ?? dropped?.last ?? 0),
    count: late.length + (dropped?.count ?? 0),
    started: late.length,
  };
}

const iso = (instant: number) => new Date(instant).toISOString();

async function cancelForTick(
  client: PoolClient,
  schedule: ScheduleRow,
  runId: string,
): Promise<void> {
  const reason = `The next tick of schedule ${schedule.key} has come (overlap: cancel).`;
  try {
    await cancelRunWithin(client, runId, ACTOR, reason);
  } catch (error) {
    // It ended by itself just now, which is as good.
    if (!(error instanceof AppError) || error.code !== "ALREADY_ENDED") throw error;
  }
}

import type { PoolClient } from "pg";
import { type Actor, authorise } from "#server/auth/actor.ts";
import { canonicalJson, sha256Hex } from "#server/core/flow/canonical.ts";
import type { RunDetail } from "#server/core/run/view.ts";
import { scheduleClock } from "#server/core/schedule/clock.ts";
import { lastStepOf } from "#server/core/schedule/last-step.ts";
import { nextTick } from "#server/core/schedule/ticks.ts";
import type { ScheduleView } from "#server/core/schedule/view.ts";
import { publishRuns } from "#server/db/live/notify.ts";
import {
  insertScheduleEvents,
  lockSchedule,
  type ScheduleRow,
  setPaused,
} from "#server/db/schedule/schedules.ts";
import { inTransaction } from "#server/db/transaction.ts";
import { startRun } from "#server/engine/start/start-runs.ts";
import type { Deps } from "#server/usecases/deps.ts";
import { refuseArchived, sameRequest } from "#server/usecases/runs/create.ts";
import { getRun } from "#server/usecases/runs/read.ts";
import type { RunNowInput, ScheduleInput } from "./inputs.ts";
import { getSchedule, noSchedule } from "./read.ts";

/**
 * Stops a schedule from firing until somebody resumes it. Runs that were started go on, and
 * backfills are not concerned. A schedule that is paused stays as it is.
 * @throws AppError NOT_FOUND
 */
export async function pauseSchedule(
  deps: Deps,
  actor: Actor,
  input: ScheduleInput,
): Promise<ScheduleView> {
  authorise(actor, "schedule:pause");
  await changeSchedule(deps, input, async (client, schedule) => {
    if (schedule.paused) return;
    await setPaused(client, schedule, actor.name, null);
    await record(client, schedule, actor, "paused", {});
  });
  return getSchedule(deps, actor, input);
}

/**
 * Lets a paused schedule fire again, from its next tick on: ticks that passed meanwhile were not
 * missed. A schedule that is not paused stays as it is.
 * @throws AppError NOT_FOUND
 */
export async function resumeSchedule(
  deps: Deps,
  actor: Actor,
  input: ScheduleInput,
): Promise<ScheduleView> {
  authorise(actor, "schedule:pause");
  await changeSchedule(deps, input, async (client, schedule) => {
    if (!schedule.paused) return;
    const next = schedule.archived ? null : nextTick(scheduleClock(schedule.spec), schedule.now);
    await setPaused(client, schedule, null, next);
    await record(client, schedule, actor, "resumed", {});
  });
  return getSchedule(deps, actor, input);
}

async function changeSchedule(
  deps: Deps,
  input: ScheduleInput,
  change: (client: PoolClient, schedule: ScheduleRow) => Promise<void>,
): Promise<void> {
  await inTransaction(deps.pool, async (client) => {
    const schedule = await lockSchedule(client, { flowId: input.flow, key: input.key });
    await change(client, schedule ?? noSchedule(input));
    // No run changed; open pages look at their lists again.
    await publishRuns(client, []);
  });
}

async function record(
  client: PoolClient,
  { flowId, key }: ScheduleRow,
  actor: Actor,
  verb: string,
  detail: Record<string, unknown>,
): Promise<void> {
  await insertScheduleEvents(client, [{ flowId, key, actor: actor.name, verb, detail }]);
}

/**
 * Starts a run as the newest tick would have: the current revision, the schedule's parameters, and
 * the interval that ended last. It starts at once, whatever `overlap` says, and is no tick. The same
 * idempotency key gives the same run.
 * @throws AppError NOT_FOUND, FLOW_ARCHIVED, IDEMPOTENCY_MISMATCH
 */
export async function runScheduleNow(
  deps: Deps,
  actor: Actor,
  input: RunNowInput,
): Promise<RunDetail> {
  authorise(actor, "run:start");
  const requestHash = sha256Hex(canonicalJson({ runNow: { flow: input.flow, key: input.key } }));
  const started = await inTransaction(deps.pool, async (client) => {
    const ref = { flowId: input.flow, key: input.key };
    const schedule = (await lockSchedule(client, ref)) ?? noSchedule(input);
    if (schedule.archived) refuseArchived(input.flow);
    const { params, revisionHash } = schedule;
    const { timezone } = schedule.spec;
    const interval = lastStepOf(schedule.spec, schedule.now);
    const run = await startRun(client, {
      ...ref,
      revisionId: schedule.revisionId,
      revisionHash,
      params,
      interval,
      timezone,
      trigger: "manual",
      createdBy: actor.name,
      idempotencyKey: input.idempotencyKey,
      requestHash,
      schedule: { key: input.key, tick: null, held: false },
    });
    if (run.created) await record(client, schedule, actor, "run_now", { run: run.id });
    return run;
  });
  return getRun(deps, actor, sameRequest(started, requestHash));
}

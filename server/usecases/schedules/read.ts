import { type Actor, authorise } from "#server/auth/actor.ts";
import { AppError } from "#server/core/errors.ts";
import { hideWriteOnly } from "#server/core/flow/params/write-only.ts";
import type { ScheduleSpec } from "#server/core/flow/spec.ts";
import { scheduleClock } from "#server/core/schedule/clock.ts";
import { nextTicks } from "#server/core/schedule/ticks.ts";
import type {
  MissedTicks,
  ScheduleDetail,
  ScheduleList,
  ScheduleOutcome,
  ScheduleState,
  ScheduleView,
} from "#server/core/schedule/view.ts";
import { describeCron } from "#server/core/schedule/words.ts";
import { readNow } from "#server/db/clock.ts";
import {
  listScheduleEvents,
  type ScheduleViewRow,
  listSchedules as selectSchedules,
} from "#server/db/schedule/schedule-views.ts";
import type { Deps } from "#server/usecases/deps.ts";
import type { ScheduleInput, ScheduleListInput } from "./inputs.ts";

/** Ticks to come that are shown. */
const NEXT = 5;
const EVENTS = 50;

/** Schedules by flow; those of archived flows only when their flow is asked for. */
export async function listSchedules(
  deps: Deps,
  actor: Actor,
  input: ScheduleListInput,
): Promise<ScheduleList> {
  authorise(actor, "schedule:read");
  const rows = await selectSchedules(
    deps.pool,
    { flow: input.flow, text: input.q, after: readCursor(input.cursor ?? null) },
    input.limit + 1,
  );
  const page = rows.slice(0, input.limit);
  const last = rows.length > input.limit ? page.at(-1) : undefined;
  return {
    items: page.map(toView),
    next: last === undefined ? null : `${last.flowId}:${last.position}`,
    now: (await readNow(deps.pool)).toISOString(),
  };
}

function readCursor(cursor: string | null): { flowId: string; position: number } | undefined {
  if (cursor === null) return undefined;
  const at = cursor.lastIndexOf(":");
  return { flowId: cursor.slice(0, at), position: Number(cursor.slice(at + 1)) };
}

/** @throws AppError NOT_FOUND */
export async function getSchedule(
  deps: Deps,
  actor: Actor,
  input: ScheduleInput,
): Promise<ScheduleDetail> {
  authorise(actor, "schedule:read");
  const ref = { flowId: input.flow, key: input.key };
  const [[row], events] = await Promise.all([
    selectSchedules(deps.pool, { flow: input.flow, key: input.key }, 1),
    listScheduleEvents(deps.pool, ref, EVENTS),
  ]);
  if (row === undefined) return noSchedule(input);
  return { ...toView(row), events };
}

/** The refusal for a schedule that is not there, the same wherever it is asked for. */
export function noSchedule(input: ScheduleInput): never {
  throw new AppError("NOT_FOUND", `The flow "${input.flow}" has no schedule ${input.key}.`, {
    fix: "Look at the list of schedules.",
  });
}

function toView(row: ScheduleViewRow): ScheduleView {
  const { spec } = row;
  const state = stateOf(row);
  return {
    flow: row.flowId,
    flowName: row.flowName,
    key: row.key,
    state,
    cron: spec.cron,
    words: describeCron(spec.cron),
    timezone: spec.timezone,
    catchup: spec.catchup,
    overlap: spec.overlap,
    start: spec.start ?? null,
    end: spec.end ?? null,
    params: hideWriteOnly(row.schemas, spec.params ?? {}),
    paused:
      row.pausedAt === null
        ? null
        : { at: row.pausedAt.toISOString(), by: row.pausedBy ?? "unknown" },
    next: state === "active" ? ticksFrom(spec, row.nextTick, row.now) : [],
    last: outcomeOf(row),
    open: row.open,
    missed:
      row.missed === null ? null : { at: isoOf(row.missed.at), ...missedOf(row.missed.detail) },
  };
}

function stateOf(row: ScheduleViewRow): ScheduleState {
  if (row.pausedAt !== null) return "paused";
  if (row.archived) return "resting";
  if (row.nextTick !== null) return "active";
  const { end } = row.spec;
  return end !== undefined && Date.parse(end) <= row.now.getTime() ? "over" : "resting";
}

/** The stored tick comes first, even when it is due or late; the others follow from now on. */
function ticksFrom(spec: ScheduleSpec, stored: Date | null, now: Date): string[] {
  const first = stored === null ? [] : [stored.getTime()];
  const from = Math.max(now.getTime(), ...first);
  const rest = nextTicks(scheduleClock(spec), from, NEXT - first.length);
  return [...first, ...rest].map((tick) => new Date(tick).toISOString());
}

/** Events about ticks are newer than the run of an earlier tick, and older than that of a later one. */
function outcomeOf({ run, event }: ScheduleViewRow): ScheduleOutcome | null {
  const ofEvent = event === null ? null : eventOutcome(event);
  if (run === null) return ofEvent;
  const ofRun: ScheduleOutcome = {
    kind: "run",
    tick: isoOf(run.tick),
    run: run.id,
    state: run.state,
    held: run.held,
    finishedAt: run.finishedAt === null ? null : isoOf(run.finishedAt),
    firstError: run.firstError,
  };
  return ofEvent !== null && Date.parse(ofEvent.tick) > Date.parse(ofRun.tick) ? ofEvent : ofRun;
}

function eventOutcome(event: NonNullable<ScheduleViewRow["event"]>): ScheduleOutcome | null {
  if (event.tick === null) return null;
  const tick = isoOf(event.tick);
  const detail = event.detail as Record<string, unknown>;
  switch (event.verb) {
    case "skipped":
      return { kind: "skipped", tick, run: String(detail.run) };
    case "failed":
      return { kind: "failed", tick, message: String(detail.message) };
    default:
      return { kind: "missed", tick, ...missedOf(event.detail as unknown as MissedTicks) };
  }
}

function missedOf({ catchup, first, last, count, exact, started }: MissedTicks): MissedTicks {
  return { catchup, first, last, count, exact, started };
}

/** Times inside JSON come with the session's offset. */
const isoOf = (text: string) => new Date(text).toISOString();

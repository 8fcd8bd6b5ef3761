import { canonicalJson } from "../flow/canonical.ts";
import type { ScheduleSpec } from "../flow/spec.ts";
import { sameClock, scheduleClock } from "./clock.ts";
import { assignKeys, type KeyedSchedule } from "./keys.ts";
import { nextTick } from "./ticks.ts";

/** A schedule as it is stored. */
export interface StoredSchedule extends KeyedSchedule {
  paused: boolean;
  /** Milliseconds since 1970; null when it does not fire by itself. */
  nextTick: number | null;
}

export interface ScheduleWrite {
  key: string;
  position: number;
  spec: ScheduleSpec;
  nextTick: number | null;
  /** What the revision did to it; null when it is as before. */
  change: "added" | "changed" | null;
}

export interface ScheduleSync {
  write: ScheduleWrite[];
  /** Keys of schedules that the revision does not have any more. */
  drop: string[];
}

/**
 * What publishing a revision does to the schedules of its flow. A schedule that keeps its clock
 * keeps its place in time, so that ticks missed while nothing ran are still noticed; one whose clock
 * is new goes on from `now`. Pauses stay.
 * @param now milliseconds since 1970
 */
export function syncSchedules(
  before: readonly StoredSchedule[],
  after: readonly ScheduleSpec[],
  now: number,
): ScheduleSync {
  const keys = assignKeys(before, after);
  const known = new Map(before.map((schedule) => [schedule.key, schedule]));
  const write = after.map((spec, position): ScheduleWrite => {
    const key = keys[position] ?? "";
    const old = known.get(key);
    const isArmed = old?.live === true && old.nextTick !== null && sameClock(old.spec, spec);
    const next = isArmed ? old.nextTick : nextTick(scheduleClock(spec), now);
    return {
      key,
      position,
      spec,
      nextTick: old?.paused === true ? null : next,
      change: changeOf(old, spec),
    };
  });
  const kept = new Set(keys);
  const drop = before.filter(({ key, live }) => live && !kept.has(key)).map(({ key }) => key);
  return { write, drop };
}

function changeOf(old: StoredSchedule | undefined, spec: ScheduleSpec): ScheduleWrite["change"] {
  if (old === undefined || !old.live) return "added";
  return canonicalJson(old.spec) === canonicalJson(spec) ? null : "changed";
}

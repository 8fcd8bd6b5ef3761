/** What the form of a backfill holds as people type it, and the request it stands for. */
import { instantOf, wallOf } from "#components/flow/run-form/wall-time.ts";
import {
  type BackfillOrder,
  type BackfillStep,
  MAX_CONCURRENCY,
  MAX_ROWS,
  type Reprocess,
} from "#server/core/backfill/states.ts";
import type { BackfillDraftView } from "#server/core/backfill/view.ts";
import type { Json } from "#server/core/flow/spec.ts";

export interface BackfillDraft {
  kind: "range" | "sets";
  /** Dates, or dates and times, on the wall clock of the zone. */
  from: string;
  to: string;
  step: BackfillStep;
  /** Which schedule gives the intervals with the step `schedule`, counted from 1. */
  schedule: number;
  /** One JSON object on each line. */
  sets: string;
  order: BackfillOrder;
  concurrency: string;
  reprocess: Reprocess;
  /** Empty for none. */
  canary: string;
  stopAfter: string;
}

export type DraftFault =
  | { field: "from" | "to"; kind: "dateMissing" }
  | { field: "sets"; kind: "setsMissing" }
  | { field: "sets"; kind: "setsFault"; line: number }
  | { field: "concurrency" | "canary" | "stopAfter"; kind: "numberFault"; max: number };

export interface DraftRequest {
  from?: string;
  to?: string;
  step?: BackfillStep;
  schedule?: number;
  sets?: Record<string, Json>[];
  order: BackfillOrder;
  concurrency: number;
  reprocess: Reprocess;
  canary?: number;
  stopAfter?: number;
}

const wallDate = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?$/;

/** The request of a draft, or all that is wrong with it. */
export function readDraft(
  draft: BackfillDraft,
): { ok: true; request: DraftRequest } | { ok: false; faults: DraftFault[] } {
  const faults: DraftFault[] = [];
  const numberOf = (
    field: "concurrency" | "canary" | "stopAfter",
    max: number,
    isOptional: boolean,
  ): number | undefined => {
    const text = draft[field].trim();
    if (text === "" && isOptional) return undefined;
    const value = Number(text);
    if (text !== "" && Number.isInteger(value) && value >= 1 && value <= max) return value;
    faults.push({ field, kind: "numberFault", max });
    return undefined;
  };
  const concurrency = numberOf("concurrency", MAX_CONCURRENCY, false) ?? 0;
  const canary = numberOf("canary", MAX_ROWS, true);
  const stopAfter = numberOf("stopAfter", MAX_ROWS, true);
  const common = {
    order: draft.order,
    concurrency,
    reprocess: draft.reprocess,
    ...(canary === undefined ? {} : { canary }),
    ...(stopAfter === undefined ? {} : { stopAfter }),
  };
  if (draft.kind === "sets") {
    const sets = readSets(draft.sets, faults);
    return faults.length > 0 ? { ok: false, faults } : { ok: true, request: { ...common, sets } };
  }
  const { from, to, step, schedule } = draft;
  if (!wallDate.test(from)) faults.push({ field: "from", kind: "dateMissing" });
  if (!wallDate.test(to)) faults.push({ field: "to", kind: "dateMissing" });
  return faults.length > 0
    ? { ok: false, faults }
    : {
        ok: true,
        request: { ...common, from, to, step, ...(step === "schedule" ? { schedule } : {}) },
      };
}

function readSets(text: string, faults: DraftFault[]): Record<string, Json>[] {
  const sets: Record<string, Json>[] = [];
  text.split("\n").forEach((line, i) => {
    if (line.trim() === "") return;
    const set = readObject(line);
    if (set === null) faults.push({ field: "sets", kind: "setsFault", line: i + 1 });
    else sets.push(set);
  });
  if (sets.length === 0 && faults.every(({ field }) => field !== "sets")) {
    faults.push({ field: "sets", kind: "setsMissing" });
  }
  return sets;
}

function readObject(text: string): Record<string, Json> | null {
  try {
    const value = JSON.parse(text) as Json;
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** An instant on the wall clock, its time left out at midnight. */
function boundText(instant: string, zone: string): string {
  const wall = wallOf(instant, zone);
  return wall.endsWith("T00:00") ? wall.slice(0, 10) : wall;
}

/** Whether anything says which days have data: a schedule, or a run for some interval. */
export const knowsDays = ({
  schedules,
  latest,
}: Pick<BackfillDraftView, "schedules" | "latest">): boolean =>
  schedules.length > 0 || latest !== null;

const DAY_MS = 86_400_000;
const PROPOSED_DAYS = 30;

/**
 * Thirty days that are likely to have data: until today, or until the first schedule ends, or, for a
 * flow without schedules, until the latest interval it ran for. Never before the schedule starts.
 * @returns dates on the wall clock of `zone`; empty where nothing says which days have data
 */
function proposedDates(
  { schedules, latest, now }: Pick<BackfillDraftView, "schedules" | "latest" | "now">,
  zone: string,
): { from: string; to: string } {
  const schedule = schedules[0];
  if (!knowsDays({ schedules, latest })) return { from: "", to: "" };
  const ends = schedule === undefined ? (latest?.end ?? null) : schedule.end;
  const until = ends !== null && Date.parse(ends) < Date.parse(now) ? ends : now;
  const to = wallOf(until, zone).slice(0, 10);
  const before = Date.parse(`${to}T00:00:00Z`) - PROPOSED_DAYS * DAY_MS;
  const from = new Date(before).toISOString().slice(0, 10);
  const starts = schedule?.start ?? null;
  const first = starts === null ? from : wallOf(starts, zone).slice(0, 10);
  return { from: first > from && first < to ? first : from, to };
}

/** What the form begins with: the settings of another backfill, or thirty days likely to have data. */
export function firstDraft({
  earlier,
  sets,
  schedules,
  latest,
  run,
  now,
}: Pick<BackfillDraftView, "earlier" | "sets" | "schedules" | "latest" | "now"> & {
  run: Pick<BackfillDraftView["run"], "timezone">;
}): BackfillDraft {
  const zone = run.timezone;
  const fresh: BackfillDraft = {
    kind: "range",
    ...proposedDates({ schedules, latest, now }, zone),
    step: schedules.length > 0 ? "schedule" : "day",
    schedule: 1,
    sets: (sets ?? []).map((set) => JSON.stringify(set)).join("\n"),
    order: "asc",
    concurrency: "4",
    reprocess: "failed",
    canary: "",
    stopAfter: "",
  };
  if (earlier === null) return fresh;
  const { source, range } = earlier;
  return {
    ...fresh,
    ...(source.kind === "range"
      ? {
          from: boundText(source.from, earlier.timezone),
          to: boundText(source.to, earlier.timezone),
          step: source.step,
          // The revision may have fewer by now.
          schedule: Math.min(source.schedule ?? 1, Math.max(1, schedules.length)),
        }
      : range === null
        ? { kind: "sets" as const }
        : {
            from: boundText(range.start, earlier.timezone),
            to: boundText(range.end, earlier.timezone),
          }),
    order: earlier.order,
    concurrency: String(earlier.concurrency),
    reprocess: earlier.reprocess,
    canary: earlier.canary === null ? "" : String(earlier.canary),
    stopAfter: earlier.stopAfter === null ? "" : String(earlier.stopAfter),
  };
}

/** A bound as the input of its step takes it: hours need a time, everything else a date. */
export function boundFor(step: BackfillStep, text: string): string {
  if (step === "hour") return text.length === 10 ? `${text}T00:00` : text;
  return instantOf(text, "UTC") === null ? text : text.slice(0, 10);
}

"use client";
import { useTranslations } from "next-intl";
import { useCallback, useMemo } from "react";
import { rowCellLook } from "#components/backfill/cell-looks.ts";
import { CellSwatch } from "#components/backfill/cell-swatch.tsx";
import type { CellLook } from "#components/backfill/heat-draw.ts";
import { IntervalMap } from "#components/backfill/interval-map.tsx";
import { intervalText } from "#components/backfill/interval-text.ts";
import { useZone } from "#components/time/zone.tsx";
import { calendarStates, type FlowCalendar } from "#server/core/run/calendar-view.ts";

/** What the colour of an interval says: how its run stands, or which revision built it. */
export const colorings = ["state", "revision"] as const;

const stateLooks: readonly CellLook[] = [
  rowCellLook.waiting,
  rowCellLook.running,
  rowCellLook.succeeded,
  rowCellLook.failed,
  rowCellLook.cancelled,
];

/** A day of several intervals shows the state that matters most. */
const stateRanks = (["failed", "running", "queued", "cancelled", "succeeded"] as const).map(
  (state) => calendarStates.indexOf(state),
);

/** Newest revision first; whatever is older than these shares the last. */
const revisionLooks: readonly CellLook[] = [
  { color: "--accent", outline: false, glyph: "none" },
  { color: "--running-solid", outline: false, glyph: "dot" },
  { color: "--yellow-solid", outline: false, glyph: "square" },
  { color: "--orange-solid", outline: false, glyph: "slash" },
  { color: "--neutral-solid", outline: true, glyph: "cross" },
];

/** A day of several intervals shows the oldest revision. */
const revisionRanks = Array.from(revisionLooks.keys()).reverse();

/** The intervals of a year as cells, each leading to its run, with a legend. */
export function CalendarMap({
  calendar,
  by,
}: {
  calendar: FlowCalendar;
  by: (typeof colorings)[number];
}) {
  const t = useTranslations("backfills.calendar");
  const words = useTranslations("common.state");
  const zone = useZone(calendar.timezone);
  const { starts, ends, states, revisions, runs } = calendar;
  const newest = useMemo(() => [...new Set(revisions)].sort((a, b) => b - a), [revisions]);
  const lookOf = useMemo(
    () =>
      by === "state"
        ? states
        : revisions.map((number) => Math.min(newest.indexOf(number), revisionLooks.length - 1)),
    [by, states, revisions, newest],
  );
  const nameOf = useCallback(
    (cell: number) =>
      t("cell", {
        interval: intervalText(starts[cell] ?? 0, ends[cell] ?? 0, zone),
        state: words(calendarStates[states[cell] ?? 0] ?? "queued"),
        revision: String(revisions[cell] ?? ""),
        run: runs[cell] ?? "",
      }),
    [starts, ends, states, revisions, runs, zone, t, words],
  );
  const hrefOf = useCallback((cell: number) => `/runs/${runs[cell] ?? ""}`, [runs]);
  const legend =
    by === "state"
      ? calendarStates.map((state, i) => ({ look: stateLooks[i], text: words(state) }))
      : newest.slice(0, revisionLooks.length).map((number, i) => ({
          look: revisionLooks[i],
          text:
            i === revisionLooks.length - 1 && newest.length > i + 1
              ? `≤ r${number}`
              : t("older", { revision: String(number) }),
        }));
  const texts = legend.map(({ text }) => text);
  return (
    <section className="grid gap-2 rounded-lg border bg-surface p-3">
      <ul className="flex flex-wrap gap-x-4 gap-y-1 text-muted text-xs">
        {legend.map(({ look, text }) =>
          look === undefined ? null : (
            <li key={text} className="flex items-center gap-1.5">
              <CellSwatch look={look} />
              {text}
            </li>
          ),
        )}
      </ul>
      <IntervalMap
        label={t("label", { year: String(calendar.year) })}
        starts={starts}
        ends={ends}
        zone={calendar.timezone}
        looks={by === "state" ? stateLooks : revisionLooks}
        words={texts}
        ranks={by === "state" ? stateRanks : revisionRanks}
        lookOf={lookOf}
        nameOf={nameOf}
        hrefOf={hrefOf}
      />
    </section>
  );
}

"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { CalendarDays, ChevronLeft, ChevronRight, History } from "lucide-react";
import { useTranslations } from "next-intl";
import { parseAsInteger, parseAsStringLiteral, useQueryStates } from "nuqs";
import { useCallback, useMemo } from "react";
import { rowCellLook } from "#components/backfill/cell-looks.ts";
import { CellSwatch } from "#components/backfill/cell-swatch.tsx";
import { type CellLook, HeatMap } from "#components/backfill/heat-map.tsx";
import { intervalText } from "#components/backfill/interval-text.ts";
import { useTRPC } from "#components/shell/api.tsx";
import { StaleNotice } from "#components/shell/stale-notice.tsx";
import { useZone } from "#components/time/zone.tsx";
import { Button, ButtonLink } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Panel } from "#components/ui/panel.tsx";
import { Select } from "#components/ui/select.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { calendarStates, type FlowCalendar } from "#server/core/run/calendar-view.ts";
import type { FlowDetail } from "#server/core/run/view.ts";

const colorings = ["state", "revision"] as const;

const stateLooks: readonly CellLook[] = [
  rowCellLook.waiting,
  rowCellLook.running,
  rowCellLook.succeeded,
  rowCellLook.failed,
  rowCellLook.cancelled,
];

/** Newest revision first; whatever is older than these shares the last. */
const revisionLooks: readonly CellLook[] = [
  { color: "--accent", outline: false, glyph: "none" },
  { color: "--running-solid", outline: false, glyph: "dot" },
  { color: "--yellow-solid", outline: false, glyph: "square" },
  { color: "--orange-solid", outline: false, glyph: "slash" },
  { color: "--neutral-solid", outline: true, glyph: "cross" },
];

/** A year of a flow's intervals: by state, or by the revision that produced them. */
export function CalendarView({ flow }: { flow: FlowDetail }) {
  const t = useTranslations("backfills.calendar");
  const trpc = useTRPC();
  const [{ year, by, before }, setPlace] = useQueryStates(
    {
      year: parseAsInteger,
      by: parseAsStringLiteral(colorings).withDefault("state"),
      before: parseAsInteger,
    },
    { history: "push" },
  );
  const query = useQuery(
    trpc.flows.calendar.queryOptions(
      { flow: flow.id, ...(year === null ? {} : { year }) },
      { refetchInterval: 10_000, placeholderData: keepPreviousData },
    ),
  );
  const calendar = query.data;
  if (calendar === undefined) {
    return query.isError ? <StaleNotice query={query} /> : <Skeleton className="h-40" />;
  }
  const { years } = calendar;
  const go = (to: number) => void setPlace({ year: to });
  return (
    <div className="grid gap-3">
      <StaleNotice query={query} />
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="flex items-center gap-1">
          <Button
            size="icon-sm"
            variant="ghost"
            aria-label={t("previous")}
            disabled={years === null || calendar.year <= years.first}
            onClick={() => go(calendar.year - 1)}
          >
            <ChevronLeft aria-hidden />
          </Button>
          <h2 className="min-w-12 text-center font-semibold text-base tabular-nums">
            {calendar.year}
          </h2>
          <Button
            size="icon-sm"
            variant="ghost"
            aria-label={t("next")}
            disabled={years === null || calendar.year >= years.last}
            onClick={() => go(calendar.year + 1)}
          >
            <ChevronRight aria-hidden />
          </Button>
        </div>
        <fieldset className="flex items-center gap-2 text-sm">
          <legend className="sr-only">{t("by")}</legend>
          <span aria-hidden className="text-faint">
            {t("by")}
          </span>
          <span className="flex rounded-md bg-fill-strong p-0.5">
            {colorings.map((one) => (
              <Button
                key={one}
                size="sm"
                variant="ghost"
                aria-pressed={by === one}
                onClick={() => void setPlace({ by: one })}
                className="h-6 aria-pressed:bg-surface aria-pressed:text-text"
              >
                {t(one)}
              </Button>
            ))}
          </span>
        </fieldset>
      </div>
      {calendar.runs.length === 0 ? (
        <Panel>
          <EmptyState icon={<CalendarDays />} title={t("none", { year: String(calendar.year) })}>
            {t("noneHint")}
          </EmptyState>
        </Panel>
      ) : (
        <>
          <YearMap calendar={calendar} by={by} />
          <Older
            flow={flow}
            calendar={calendar}
            before={before}
            onBefore={(next) => void setPlace({ before: next })}
          />
        </>
      )}
    </div>
  );
}

function YearMap({ calendar, by }: { calendar: FlowCalendar; by: (typeof colorings)[number] }) {
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
      {calendar.truncated ? (
        <p className="text-orange text-xs">{t("many", { count: runs.length })}</p>
      ) : null}
      <HeatMap
        label={t("label", { year: String(calendar.year) })}
        starts={starts}
        ends={ends}
        zone={calendar.timezone}
        looks={by === "state" ? stateLooks : revisionLooks}
        lookOf={lookOf}
        nameOf={nameOf}
        hrefOf={hrefOf}
      />
    </section>
  );
}

/** Chooses the intervals that were built before a revision, to run them again with the latest. */
function Older({
  flow,
  calendar,
  before,
  onBefore,
}: {
  flow: FlowDetail;
  calendar: FlowCalendar;
  before: number | null;
  onBefore: (revision: number) => void;
}) {
  const t = useTranslations("backfills.calendar");
  const numbers = useMemo(
    () => [...new Set([flow.revision, ...calendar.revisions])].sort((a, b) => b - a),
    [flow.revision, calendar.revisions],
  );
  const chosen = before ?? flow.revision;
  const count = calendar.revisions.filter((number) => number < chosen).length;
  return (
    <div className="flex flex-wrap items-center gap-2 text-sm">
      <Select
        label={t("select")}
        size="sm"
        value={String(chosen)}
        options={[...new Set([chosen, ...numbers])].map((number) => ({
          value: String(number),
          label: `r${number}`,
        }))}
        onChange={(value) => onBefore(Number(value))}
      />
      <span className="text-muted">{t("built", { count, revision: String(chosen) })}</span>
      {count === 0 || flow.archivedAt !== null ? null : (
        <ButtonLink
          size="sm"
          href={`/flows/${encodeURIComponent(flow.id)}/backfill?year=${calendar.year}&before=${chosen}`}
        >
          <History aria-hidden />
          {t("start", { count })}
        </ButtonLink>
      )}
    </div>
  );
}

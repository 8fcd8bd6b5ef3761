"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { CalendarDays, ChevronLeft, ChevronRight, History } from "lucide-react";
import { useTranslations } from "next-intl";
import { parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { useCallback, useId, useMemo } from "react";
import { rowCellLook } from "#components/backfill/cell-looks.ts";
import { CellSwatch } from "#components/backfill/cell-swatch.tsx";
import type { CellLook } from "#components/backfill/heat-draw.ts";
import { IntervalMap } from "#components/backfill/interval-map.tsx";
import { intervalText } from "#components/backfill/interval-text.ts";
import { paramText } from "#components/run/short-id.ts";
import { useTRPC } from "#components/shell/api.tsx";
import { StaleNotice } from "#components/shell/stale-notice.tsx";
import { useZone } from "#components/time/zone.tsx";
import { Button, ButtonLink } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Panel } from "#components/ui/panel.tsx";
import { Segments } from "#components/ui/segments.tsx";
import { Select } from "#components/ui/select.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import type { Json } from "#server/core/flow/spec.ts";
import {
  type CalendarPick,
  calendarStates,
  type FlowCalendar,
  pickCells,
  pickText,
  readParamsText,
  readPick,
} from "#server/core/run/calendar-view.ts";
import type { FlowDetail } from "#server/core/run/view.ts";

/** States that make somebody run an interval again. */
const pickedStates = ["failed", "cancelled", "succeeded"] as const;

const colorings = ["state", "revision"] as const;

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

/** A year of a flow's intervals: by state, or by the revision that produced them. */
export function CalendarView({ flow }: { flow: FlowDetail }) {
  const t = useTranslations("backfills.calendar");
  const trpc = useTRPC();
  const [{ year, since, by, params, pick }, setPlace] = useQueryStates(
    {
      year: parseAsInteger,
      since: parseAsString,
      by: parseAsStringLiteral(colorings).withDefault("state"),
      params: parseAsString,
      pick: parseAsString,
      day: parseAsString,
    },
    { history: "push" },
  );
  const chosen = readParamsText(params);
  const query = useQuery(
    trpc.flows.calendar.queryOptions(
      {
        flow: flow.id,
        ...(year === null ? {} : { year }),
        ...(since === null ? {} : { since }),
        ...(chosen === undefined ? {} : { params: chosen }),
      },
      { refetchInterval: 10_000, placeholderData: keepPreviousData },
    ),
  );
  const calendar = query.data;
  if (calendar === undefined) {
    return query.isError ? <StaleNotice query={query} /> : <Skeleton className="h-40" />;
  }
  const { years } = calendar;
  const go = (to: number) => void setPlace({ year: to, since: null, day: null });
  const goOn = (to: string | null) => void setPlace({ year: calendar.year, since: to, day: null });
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
        <Segments
          label={t("by")}
          isLabelShown
          value={by}
          options={colorings.map((one) => ({ value: one, label: t(one) }))}
          onChange={(next) => void setPlace({ by: next })}
        />
        {Object.keys(calendar.usual).length === 0 && calendar.choices.length === 0 ? null : (
          <ParamChoice calendar={calendar} onChoose={(next) => void setPlace({ params: next })} />
        )}
      </div>
      <Parts calendar={calendar} onGo={goOn} />
      {calendar.runs.length === 0 ? (
        <Panel>
          <EmptyState icon={<CalendarDays />} title={t("none", { year: String(calendar.year) })}>
            {calendar.choices.length === 0 ? t("noneHint") : t("noneWith")}
          </EmptyState>
        </Panel>
      ) : (
        <>
          <YearMap calendar={calendar} by={by} />
          <PickBar
            flow={flow}
            calendar={calendar}
            pick={readPick(pick)}
            onPick={(next) => void setPlace({ pick: pickText(next) })}
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

/** Which part of a year is shown that has more intervals than fit, and the way to the others. */
function Parts({
  calendar: { year, since, rest },
  onGo,
}: {
  calendar: FlowCalendar;
  /** Told the first day of a part; null for that of the year. */
  onGo: (since: string | null) => void;
}) {
  const t = useTranslations("backfills.calendar");
  if (since === null && rest === null) return null;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5 rounded-lg border bg-surface px-3 py-2 text-sm">
      <p role="status" className="min-w-0 flex-1">
        {since === null
          ? t("partFirst", { year: String(year), rest: rest ?? "" })
          : rest === null
            ? t("partLast", { year: String(year), since })
            : t("part", { year: String(year), since, rest })}
      </p>
      {since === null ? null : (
        <Button size="sm" onClick={() => onGo(null)}>
          {t("fromStart", { year: String(year) })}
        </Button>
      )}
      {rest === null ? null : (
        <Button size="sm" onClick={() => onGo(rest)}>
          {t("goOn", { day: rest })}
          <ChevronRight aria-hidden />
        </Button>
      )}
    </div>
  );
}

const textOf = (params: Record<string, Json>) =>
  Object.entries(params)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${paramText(value)}`)
    .join(", ");

const keyOf = (params: Record<string, Json>) => JSON.stringify(params);

/** Which runs count: an interval run with other values is about other data. */
function ParamChoice({
  calendar: { params, usual, choices },
  onChoose,
}: {
  calendar: FlowCalendar;
  /** What the address holds; null for the usual parameters. */
  onChoose: (params: string | null) => void;
}) {
  const t = useTranslations("backfills.calendar");
  const id = useId();
  const usualKey = keyOf(usual);
  const shown = params === null ? "any" : keyOf(params);
  const known = [usual, ...choices.map((choice) => choice.params)];
  const isKnown = params === null || known.some((one) => keyOf(one) === shown);
  const label = (one: Record<string, Json>) => {
    const text = textOf(one);
    if (keyOf(one) !== usualKey) return text;
    return text === "" ? t("usualNone") : t("usual", { params: text });
  };
  return (
    <div className="flex min-w-0 items-center gap-2 text-sm">
      <label htmlFor={id} className="text-faint">
        {t("params")}
      </label>
      <Select
        id={id}
        size="sm"
        className="min-w-0 max-w-80"
        value={shown}
        options={[
          ...(isKnown || params === null ? known : [...known, params]).map((one) => ({
            value: keyOf(one),
            label: label(one),
          })),
          { value: "any", label: t("anyParams") },
        ]}
        onChange={(next) => onChoose(next === usualKey ? null : next)}
      />
    </div>
  );
}

/** Picks intervals by state, or by the revision that built them, to run them again. */
function PickBar({
  flow,
  calendar,
  pick: asked,
  onPick,
}: {
  flow: FlowDetail;
  calendar: FlowCalendar;
  pick: CalendarPick | null;
  onPick: (pick: CalendarPick) => void;
}) {
  const t = useTranslations("backfills.calendar");
  const words = useTranslations("common.state");
  const id = useId();
  const options = useMemo(() => {
    const revisions = [...new Set([flow.revision, ...calendar.revisions])].sort((a, b) => b - a);
    const picks: CalendarPick[] = [
      ...pickedStates.map((state) => ({ state })),
      ...revisions.map((before) => ({ before })),
    ];
    return picks
      .map((pick) => ({ pick, count: pickCells(calendar, pick).length }))
      .filter(({ count }) => count > 0);
  }, [flow.revision, calendar]);
  const first = asked ?? options[0]?.pick;
  if (first === undefined) return null;
  const shown = pickText(first);
  const count = pickCells(calendar, first).length;
  const textOfPick = (pick: CalendarPick) =>
    "state" in pick ? words(pick.state) : t("before", { revision: pick.before });
  const all = options.some(({ pick }) => pickText(pick) === shown)
    ? options
    : [{ pick: first, count }, ...options];
  const search = new URLSearchParams({ year: String(calendar.year), pick: shown });
  if (calendar.since !== null) search.set("since", calendar.since);
  if (calendar.params === null) search.set("params", "any");
  else if (keyOf(calendar.params) !== keyOf(calendar.usual)) {
    search.set("params", keyOf(calendar.params));
  }
  return (
    <div className="flex flex-wrap items-center gap-2 text-sm">
      <label htmlFor={id} className="text-muted">
        {t("select")}
      </label>
      <Select
        id={id}
        size="sm"
        value={shown}
        options={all.map((option) => ({
          value: pickText(option.pick),
          label: t("option", { what: textOfPick(option.pick), count: option.count }),
        }))}
        onChange={(value) => {
          const next = readPick(value);
          if (next !== null) onPick(next);
        }}
      />
      {count === 0 || flow.archivedAt !== null ? (
        <span className="text-muted">{t("nonePicked")}</span>
      ) : (
        <ButtonLink size="sm" href={`/flows/${encodeURIComponent(flow.id)}/backfill?${search}`}>
          <History aria-hidden />
          {t("start", { count })}
        </ButtonLink>
      )}
    </div>
  );
}

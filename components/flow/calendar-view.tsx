"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { CalendarDays, ChevronLeft, ChevronRight } from "lucide-react";
import { useTranslations } from "next-intl";
import { parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { useTRPC } from "#components/shell/api.tsx";
import { StaleNotice } from "#components/shell/stale-notice.tsx";
import { Button } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Panel } from "#components/ui/panel.tsx";
import { Segments } from "#components/ui/segments.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import type { FlowDetail } from "#server/core/flow/view.ts";
import { pickText, readParamsText, readPick } from "#server/core/run/calendar-view.ts";
import { CalendarMap, colorings } from "./calendar-map.tsx";
import { CalendarParams } from "./calendar-params.tsx";
import { CalendarParts } from "./calendar-parts.tsx";
import { CalendarPick } from "./calendar-pick.tsx";

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
          <CalendarParams
            calendar={calendar}
            onChoose={(next) => void setPlace({ params: next })}
          />
        )}
      </div>
      <CalendarParts calendar={calendar} onGo={goOn} />
      {calendar.runs.length === 0 ? (
        <Panel>
          <EmptyState icon={<CalendarDays />} title={t("none", { year: String(calendar.year) })}>
            {calendar.choices.length === 0 ? t("noneHint") : t("noneWith")}
          </EmptyState>
        </Panel>
      ) : (
        <>
          <CalendarMap calendar={calendar} by={by} />
          <CalendarPick
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

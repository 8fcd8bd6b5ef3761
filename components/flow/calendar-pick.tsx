"use client";
import { History } from "lucide-react";
import { useTranslations } from "next-intl";
import { useId, useMemo } from "react";
import { ButtonLink } from "#components/ui/button.tsx";
import { Select } from "#components/ui/select.tsx";
import type { FlowDetail } from "#server/core/flow/view.ts";
import {
  type FlowCalendar,
  type CalendarPick as Pick,
  pickCells,
  pickText,
  readPick,
} from "#server/core/run/calendar-view.ts";
import { keyOf } from "./calendar-params.tsx";

/** States that make somebody run an interval again. */
const pickedStates = ["failed", "cancelled", "succeeded"] as const;

/** Picks intervals by state, or by the revision that built them, to run them again. */
export function CalendarPick({
  flow,
  calendar,
  pick: asked,
  onPick,
}: {
  flow: FlowDetail;
  calendar: FlowCalendar;
  pick: Pick | null;
  onPick: (pick: Pick) => void;
}) {
  const t = useTranslations("backfills.calendar");
  const words = useTranslations("common.state");
  const id = useId();
  const options = useMemo(() => {
    const revisions = [...new Set([flow.revision, ...calendar.revisions])].sort((a, b) => b - a);
    const picks: Pick[] = [
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
  const textOfPick = (pick: Pick) =>
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

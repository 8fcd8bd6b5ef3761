"use client";
import { useTranslations } from "next-intl";
import { useId } from "react";
import { paramText } from "#components/run/short-id.ts";
import { Select } from "#components/ui/select.tsx";
import type { Json } from "#server/core/flow/spec.ts";
import type { FlowCalendar } from "#server/core/run/calendar-view.ts";

const textOf = (params: Record<string, Json>) =>
  Object.entries(params)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${paramText(value)}`)
    .join(", ");

/** One text for one set of values. */
export const keyOf = (params: Record<string, Json>) => JSON.stringify(params);

/** Which runs count: an interval run with other values is about other data. */
export function CalendarParams({
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

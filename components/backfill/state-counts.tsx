"use client";
import { useTranslations } from "next-intl";
import { useNumberText } from "#components/time/time.tsx";
import { type RowCounts, type RowState, sumCounts } from "#server/core/backfill/states.ts";
import { rowCellLook } from "./cell-looks.ts";
import { CellSwatch } from "./cell-swatch.tsx";
import { shownRowStates } from "./row-look.ts";

/** Legend of the map, its numbers, and the filter of the list below, all in one. */
export function StateCounts({
  counts,
  chosen,
  onChoose,
}: {
  counts: RowCounts;
  chosen: RowState | null;
  onChoose: (state: RowState | null) => void;
}) {
  const t = useTranslations("backfills");
  const words = useTranslations("common.state");
  const number = useNumberText();
  const look =
    "inline-flex h-7 items-center gap-1.5 rounded-md border border-transparent px-2 text-sm hover:bg-fill-strong aria-pressed:border-line-strong aria-pressed:bg-fill";
  return (
    <fieldset className="flex flex-wrap items-center gap-1" data-counts>
      <legend className="sr-only">{t("counts")}</legend>
      <button
        type="button"
        aria-pressed={chosen === null}
        onClick={() => onChoose(null)}
        className={look}
      >
        {t("sum")}
        <span className="font-medium tabular-nums" data-count="total">
          {number(sumCounts(counts))}
        </span>
      </button>
      {shownRowStates.map((state) => (
        <button
          key={state}
          type="button"
          aria-pressed={chosen === state}
          onClick={() => onChoose(chosen === state ? null : state)}
          className={look}
        >
          <CellSwatch look={rowCellLook[state]} />
          <span className="text-muted">{words(state)}</span>
          <span className="font-medium tabular-nums" data-count={state}>
            {number(counts[state])}
          </span>
        </button>
      ))}
    </fieldset>
  );
}

"use client";
import { useTranslations } from "next-intl";
import { useCallback, useMemo } from "react";
import { useZone } from "#components/time/zone.tsx";
import { rowStates } from "#server/core/backfill/states.ts";
import type { BackfillCells } from "#server/core/backfill/view.ts";
import { rowCellLooks, rowCellRanks } from "./cell-looks.ts";
import { IntervalMap } from "./interval-map.tsx";
import { intervalText } from "./interval-text.ts";

/** The ledger of a backfill as a map: one cell for each interval, in the order of time. */
export function BackfillMap({ cells, zone }: { cells: BackfillCells; zone: string }) {
  const t = useTranslations("backfills");
  const words = useTranslations("common");
  const shownZone = useZone(zone);
  const { starts, ends, states, runs } = cells;
  const names = useMemo(() => rowStates.map((state) => words(`state.${state}`)), [words]);
  const nameOf = useCallback(
    (cell: number) => {
      const state = rowStates[states[cell] ?? 0] ?? "waiting";
      const start = starts?.[cell];
      const interval =
        start === undefined
          ? t("place", { place: cell + 1 })
          : intervalText(start, ends?.[cell] ?? start, shownZone);
      const run = runs[cell];
      const values = { interval, state: words(`state.${state}`) };
      return run == null ? t("cell", values) : t("cellRun", { ...values, run });
    },
    [starts, ends, states, runs, shownZone, t, words],
  );
  const hrefOf = useCallback(
    (cell: number) => {
      const run = runs[cell];
      return run == null ? null : `/runs/${run}`;
    },
    [runs],
  );
  return (
    <IntervalMap
      label={t("mapLabel", { id: cells.id })}
      starts={starts}
      ends={ends}
      // A day lies where its own zone has it, whatever zone times are read in.
      zone={zone}
      looks={rowCellLooks}
      words={names}
      ranks={rowCellRanks}
      lookOf={states}
      nameOf={nameOf}
      hrefOf={hrefOf}
    />
  );
}

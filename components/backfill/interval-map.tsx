"use client";
import { X } from "lucide-react";
import { usePathname, useSearchParams } from "next/navigation";
import { useTranslations } from "next-intl";
import { parseAsString, useQueryState } from "nuqs";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { areForDays, countLooks, gatherDays, type HeatDay, looksOfDays } from "./heat-days.ts";
import type { CellLook } from "./heat-draw.ts";
import { layOut } from "./heat-layout.ts";
import { HeatMap } from "./heat-map.tsx";

export interface IntervalMapProps {
  label: string;
  /** Milliseconds since 1970; null for sets of parameters. */
  starts: readonly number[] | null;
  ends: readonly number[] | null;
  /** Zone whose calendar the map follows: a day lies where its own zone has it. */
  zone: string;
  looks: readonly CellLook[];
  /** What each look means, in words. */
  words: readonly string[];
  /** All looks, what matters most first: a day shows the first that one of its intervals has. */
  ranks: readonly number[];
  lookOf: readonly number[];
  nameOf: (cell: number) => string;
  hrefOf: (cell: number) => string | null;
}

/** Pixels that there are across; 0 until they are known. */
function useWidth() {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) =>
      setWidth(Math.floor(entry?.contentRect.width ?? 0)),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { box, width };
}

/**
 * A map of intervals that fits one screen: a cell for each, or, when they are many and shorter than a
 * day, a cell for each day with the state that matters most, which opens the intervals of that day.
 */
export function IntervalMap(props: IntervalMapProps) {
  const { starts, ends, zone, lookOf } = props;
  const { box, width } = useWidth();
  const total = lookOf.length;
  const days = useMemo(() => {
    if (width === 0 || starts === null || ends === null) return null;
    return areForDays(starts, ends, zone, width) ? gatherDays(starts, zone) : null;
  }, [starts, ends, zone, width]);
  const map = useMemo(
    () => (width === 0 || days !== null ? null : layOut(starts, ends, zone, width, { total })),
    [starts, ends, zone, width, total, days],
  );
  return (
    <div ref={box} className="min-w-0">
      {days === null || starts === null || ends === null ? (
        <HeatMap {...props} map={map} opens={starts === null ? "set" : "run"} />
      ) : (
        <DayMap {...props} starts={starts} ends={ends} days={days} width={width} />
      )}
    </div>
  );
}

function DayMap({
  days,
  width,
  ...props
}: IntervalMapProps & {
  starts: readonly number[];
  ends: readonly number[];
  days: readonly HeatDay[];
  width: number;
}) {
  const { starts, zone, looks, words, ranks, lookOf } = props;
  const t = useTranslations("backfills");
  const path = usePathname();
  const search = useSearchParams();
  const [date, setDate] = useQueryState("day", parseAsString);
  const open = days.findIndex((day) => day.date === date);
  const map = useMemo(() => {
    const firsts = days.map(({ cells }) => starts[cells[0] ?? 0] ?? 0);
    return layOut(firsts, firsts, zone, width, { kind: "years" });
  }, [days, starts, zone, width]);
  const dayLooks = useMemo(() => looksOfDays(days, lookOf, ranks), [days, lookOf, ranks]);
  const nameOf = useCallback(
    (place: number) => {
      const day = days[place];
      if (day === undefined) return "";
      const counts = countLooks(day, lookOf, looks.length);
      const parts = ranks.flatMap((look) => {
        const count = counts[look] ?? 0;
        return count === 0 ? [] : [t("dayPart", { count, state: words[look] ?? "" })];
      });
      return t("dayCell", { day: day.date, counts: parts.join(", ") });
    },
    [days, lookOf, looks, ranks, words, t],
  );
  const hrefOf = useCallback(
    (place: number) => {
      const to = new URLSearchParams(search);
      to.set("day", days[place]?.date ?? "");
      return `${path}?${to}`;
    },
    [days, path, search],
  );
  const opened = days[open];
  return (
    <div className="grid gap-3">
      <HeatMap
        label={props.label}
        map={map}
        looks={looks}
        lookOf={dayLooks}
        nameOf={nameOf}
        hrefOf={hrefOf}
        opens="day"
        onOpen={(place) => void setDate(days[place]?.date ?? null)}
        marked={open === -1 ? null : open}
      />
      {opened === undefined ? null : (
        <OpenDay
          key={opened.date}
          {...props}
          day={opened}
          width={width}
          onClose={() => void setDate(null)}
        />
      )}
    </div>
  );
}

/** The intervals of one day, each of which opens its run. */
function OpenDay({
  day,
  starts,
  ends,
  zone,
  looks,
  lookOf,
  nameOf,
  hrefOf,
  width,
  onClose,
}: IntervalMapProps & {
  starts: readonly number[];
  ends: readonly number[];
  day: HeatDay;
  width: number;
  onClose: () => void;
}) {
  const t = useTranslations("backfills");
  const { date, cells } = day;
  const map = useMemo(() => {
    const at = (list: readonly number[]) => cells.map((cell) => list[cell] ?? 0);
    return layOut(at(starts), at(ends), zone, width, { kind: "day" });
  }, [cells, starts, ends, zone, width]);
  const own = useMemo(() => cells.map((cell) => lookOf[cell] ?? 0), [cells, lookOf]);
  const section = useRef<HTMLElement>(null);
  // On small screens it begins below the edge: who opens a day wants to see it.
  useEffect(() => section.current?.scrollIntoView({ block: "nearest" }), []);
  const cellOf = (place: number) => cells[place] ?? 0;
  return (
    <section
      ref={section}
      aria-label={t("dayTitle", { day: date })}
      className="grid scroll-mb-20 gap-1 border-t pt-2"
    >
      <div className="flex items-center gap-2">
        <h3 className="font-medium text-sm">
          {date}
          <span className="ml-2 font-normal text-muted">{t("total", { count: cells.length })}</span>
        </h3>
        <Button size="icon-sm" variant="ghost" aria-label={t("dayClose")} onClick={onClose}>
          <X aria-hidden />
        </Button>
      </div>
      <HeatMap
        label={t("dayTitle", { day: date })}
        map={map}
        looks={looks}
        lookOf={own}
        nameOf={(place) => nameOf(cellOf(place))}
        hrefOf={(place) => hrefOf(cellOf(place))}
        opens="run"
      />
    </section>
  );
}

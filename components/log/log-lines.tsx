"use client";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown } from "lucide-react";
import { useTranslations } from "next-intl";
import {
  type Ref,
  useEffect,
  useEffectEvent,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { Button } from "#components/ui/button.tsx";
import type { LineRange } from "./line-range.ts";
import { LogLine } from "./log-line.tsx";
import type { LogStatus, LogStore } from "./log-store.ts";

/** Height of a line in CSS pixels; with wrapping its least height. */
const ROW = 20;
const OVERSCAN = 16;
/** Nearer to the end than this counts as being there. */
const AT_END = 24;
/** Browsers cannot scroll further than some millions of pixels: longer logs come in parts. */
export const PART_LINES = 400_000;

export interface LogLinesHandle {
  /** Brings a line to the middle, in whichever part of the log it is. */
  show: (line: number) => void;
  /** The line that is first in view. */
  firstInView: () => number;
  focus: () => void;
}

/** The lines of a log, of which only those in view are in the DOM. */
export function LogLines({
  store,
  status,
  opening,
  range,
  query,
  found,
  wrap,
  zone,
  onPick,
  ref,
}: {
  store: LogStore;
  status: LogStatus;
  /** Where a log is first shown: at a line, at its end (and following), or at its beginning. */
  opening: number | "end" | "start";
  range: LineRange | null;
  query: string;
  /** The match that the search has come to. */
  found: number | null;
  wrap: boolean;
  zone: string | null;
  onPick: (line: number, extend: boolean) => void;
  ref: Ref<LogLinesHandle>;
}) {
  const t = useTranslations("logs");
  const scroller = useRef<HTMLDivElement>(null);
  const lastTop = useRef(0);
  const [part, setPart] = useState(() => partOf(typeof opening === "number" ? opening : 1));
  const [follow, setFollow] = useState(opening === "end");
  const parts = Math.max(1, Math.ceil(status.total / PART_LINES));
  const base = part * PART_LINES;
  const count = Math.min(PART_LINES, Math.max(0, status.total - base));
  const digits = Math.max(3, String(status.total).length);

  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: OVERSCAN,
  });
  const items = rows.getVirtualItems();
  const first = (items[0]?.index ?? 0) + base + 1;
  const last = (items.at(-1)?.index ?? 0) + base + 1;

  useEffect(() => {
    if (status.total > 0) store.want(first, last);
  }, [store, first, last, status.total]);

  const wish = useRef<number | null>(typeof opening === "number" ? opening : null);
  /** The line that is kept in the middle until somebody scrolls. */
  const held = useRef<number | null>(null);
  const bringToMiddle = (line: number) => {
    held.current = line;
    rows.scrollToIndex(line - base - 1, { align: "center" });
  };
  const show = (line: number) => {
    const target = Math.min(Math.max(1, line), Math.max(1, status.total));
    setFollow(false);
    if (partOf(target) !== part) {
      wish.current = target;
      setPart(partOf(target));
      return;
    }
    bringToMiddle(target);
  };
  useImperativeHandle(ref, () => ({
    show,
    firstInView: () =>
      (rows.getVirtualItemForOffset(scroller.current?.scrollTop ?? 0)?.index ?? 0) + base + 1,
    focus: () => scroller.current?.focus({ preventScroll: true }),
  }));

  // The line to open at, once it is known to exist; also after a change of the part.
  const takeWish = useEffectEvent(() => {
    const line = wish.current;
    if (line === null || status.total < line) return;
    wish.current = null;
    bringToMiddle(line);
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when lines or parts change
  useLayoutEffect(() => takeWish(), [part, status.total]);

  // Lines that wrap grow once their text is there, and push the one that was asked for away.
  const size = rows.getTotalSize();
  const hold = useEffectEvent(() => {
    const line = held.current;
    if (wrap && line !== null && partOf(line) === part) bringToMiddle(line);
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another size is other heights of lines
  useLayoutEffect(() => hold(), [size]);
  const letGo = () => {
    held.current = null;
  };

  const toEnd = useEffectEvent(() => {
    held.current = null;
    if (part !== parts - 1) setPart(parts - 1);
    else if (count > 0) rows.scrollToIndex(count - 1, { align: "end" });
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new line moves the end
  useLayoutEffect(() => {
    if (follow) toEnd();
  }, [follow, status.total, part]);

  const onScroll = () => {
    const element = scroller.current;
    if (element === null) return;
    const { scrollTop, scrollHeight, clientHeight } = element;
    // Growing lines move the end away without a scroll upwards; only people scroll up.
    if (scrollTop < lastTop.current - 1) setFollow(false);
    else if (part === parts - 1 && scrollHeight - scrollTop - clientHeight < AT_END) {
      if (!status.complete) setFollow(true);
    }
    lastTop.current = scrollTop;
  };

  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      {parts > 1 ? <Parts part={part} parts={parts} total={status.total} onPart={setPart} /> : null}
      <section
        ref={scroller}
        onScroll={onScroll}
        onWheel={letGo}
        onTouchMove={letGo}
        onPointerDown={letGo}
        onKeyDown={letGo}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the focus
        tabIndex={0}
        aria-label={t("lines", { count: status.total })}
        className="min-h-0 flex-1 overflow-auto bg-surface py-1 font-mono text-xs -outline-offset-2 [overflow-anchor:none]"
      >
        <div className="relative" style={{ height: size }}>
          <div
            className={
              wrap ? "absolute inset-x-0 bg-inherit" : "absolute w-max min-w-full bg-inherit"
            }
            style={{ transform: `translateY(${items[0]?.start ?? 0}px)` }}
          >
            {items.map((item) => {
              const number = base + item.index + 1;
              return (
                <div
                  key={item.key}
                  data-index={item.index}
                  className="bg-surface"
                  {...(wrap ? { ref: rows.measureElement } : {})}
                >
                  <LogLine
                    number={number}
                    digits={digits}
                    line={store.line(number)}
                    query={query}
                    marked={range !== null && number >= range.first && number <= range.last}
                    isError={number === status.firstErrorLine}
                    found={number === found}
                    wrap={wrap}
                    zone={zone}
                    onPick={onPick}
                  />
                </div>
              );
            })}
          </div>
        </div>
      </section>
      {!status.complete && !follow && status.total > 0 ? (
        <Button
          size="sm"
          className="absolute bottom-3 left-1/2 -translate-x-1/2 rounded-full shadow-pop"
          onClick={() => setFollow(true)}
        >
          <ArrowDown aria-hidden />
          {t("latest")}
        </Button>
      ) : null}
    </div>
  );
}

const partOf = (line: number) => Math.floor((line - 1) / PART_LINES);

/** Which part of a very long log is shown. */
function Parts({
  part,
  parts,
  total,
  onPart,
}: {
  part: number;
  parts: number;
  total: number;
  onPart: (part: number) => void;
}) {
  const t = useTranslations("logs");
  const first = part * PART_LINES + 1;
  return (
    <div className="flex items-center gap-2 border-b px-3 py-1 text-muted text-xs">
      <span className="mr-auto">
        {t("part", { first, last: Math.min(total, first + PART_LINES - 1), total })}
      </span>
      <Button variant="ghost" size="sm" disabled={part === 0} onClick={() => onPart(part - 1)}>
        {t("earlier")}
      </Button>
      <Button
        variant="ghost"
        size="sm"
        disabled={part === parts - 1}
        onClick={() => onPart(part + 1)}
      >
        {t("later")}
      </Button>
    </div>
  );
}

"use client";
import { useTranslations } from "next-intl";
import { type MouseEvent, memo } from "react";
import { zonedParts } from "#components/time/format.ts";
import { cn } from "#components/ui/cn.ts";
import type { LogLine as Line } from "#server/core/run/attempt-view.ts";
import { parseAnsi } from "./ansi.ts";
import { markMatches } from "./match.ts";

/** Characters of one line that are shown; the rest is in the download. */
const SHOWN = 5_000;

/** One line. Markup in it is text; `line` is undefined while it is being loaded. */
export const LogLine = memo(function LogLine({
  number,
  digits,
  line,
  query,
  marked,
  isError,
  found,
  wrap,
  zone,
  onPick,
}: {
  number: number;
  /** Width of the line numbers, in characters. */
  digits: number;
  line: Line | undefined;
  query: string;
  marked: boolean;
  isError: boolean;
  found: boolean;
  wrap: boolean;
  /** Zone of the times before the lines; null shows none. */
  zone: string | null;
  onPick: (number: number, extend: boolean) => void;
}) {
  const t = useTranslations("logs");
  const pick = (event: MouseEvent) => {
    event.preventDefault();
    onPick(number, event.shiftKey);
  };
  return (
    <div
      className="log-line"
      data-line={number}
      data-stream={line?.stream}
      data-marked={marked || undefined}
      data-error={isError || undefined}
      data-found={found || undefined}
    >
      <a
        href={`#L${number}`}
        tabIndex={-1}
        onClick={pick}
        style={{ width: `${digits + 3}ch` }}
        className="sticky left-0 shrink-0 select-none bg-inherit pr-2 text-right text-faint hover:text-text"
      >
        {number}
      </a>
      {zone === null || line === undefined ? null : (
        <time dateTime={line.at} className="shrink-0 select-none pr-2 text-faint">
          {clock(line.at, zone)}
        </time>
      )}
      {line === undefined ? (
        <span aria-hidden className="my-1.5 h-2 w-48 rounded-sm bg-fill-strong" />
      ) : (
        <>
          <span className="w-8 shrink-0 select-none text-2xs text-orange">
            {line.stream === "stderr" ? t("stderr") : ""}
          </span>
          <span
            className={cn(
              "pr-4",
              wrap ? "min-w-0 whitespace-pre-wrap wrap-anywhere" : "whitespace-pre",
              line.stream === "notice" && "text-muted italic",
            )}
          >
            <Text text={line.text} query={query} />
            {line.text.length > SHOWN ? (
              <span className="text-faint">{t("cut", { count: line.text.length - SHOWN })}</span>
            ) : null}
          </span>
        </>
      )}
    </div>
  );
});

function Text({ text, query }: { text: string; query: string }) {
  const segments = markMatches(parseAnsi(text.slice(0, SHOWN)), query);
  const [only] = segments;
  if (segments.length === 1 && only && !only.match && only.styles.length === 0 && !only.color) {
    return only.text;
  }
  return segments.map((segment, i) => {
    const { styles, color, background, match } = segment;
    const style = {
      // Any colour a program may choose is drawn towards the text's, to stay readable on ours.
      ...(color ? { color: `color-mix(in oklab, ${color} 60%, var(--text))` } : {}),
      ...(background
        ? { background: `color-mix(in oklab, ${background} 25%, var(--surface))` }
        : {}),
    };
    const Tag = match ? "mark" : "span";
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one line never reorder
      <Tag key={i} className={styles.join(" ")} style={style}>
        {segment.text}
      </Tag>
    );
  });
}

function clock(at: string, zone: string): string {
  const { time, millisecond } = zonedParts(at, zone);
  return `${time}.${String(millisecond).padStart(3, "0")}`;
}

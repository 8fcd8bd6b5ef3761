"use client";
import { useLocale, useTranslations } from "next-intl";
import { cn } from "#components/ui/cn.ts";
import { agoParts, durationParts, isMidnight, isoText, zonedIso, zonedParts } from "./format.ts";
import { useNow } from "./now.ts";
import { useZone } from "./zone.tsx";

type MonthKey = `time.months.${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12}`;

/**
 * An instant in the chosen zone with its offset.
 * @param precision `minute` leaves the seconds to the title
 * @param flowZone zone of the row's flow, in lists over several flows
 */
export function Time({
  at,
  flowZone,
  precision = "second",
  className,
}: {
  at: string;
  flowZone?: string | undefined;
  precision?: "second" | "minute";
  className?: string;
}) {
  const zone = useZone(flowZone);
  const { year, time } = zonedParts(at, zone);
  return (
    <ZonedTime
      at={at}
      zone={zone}
      clock={precision === "second" ? time : time.slice(0, 5)}
      isThisYear={year === new Date().getFullYear()}
      className={className}
    />
  );
}

/** The date of an instant in a zone, what its clock shows there, and the offset. */
export function ZonedTime({
  at,
  zone,
  clock,
  isThisYear,
  className,
}: {
  at: string;
  zone: string;
  clock: string;
  isThisYear: boolean;
  className?: string | undefined;
}) {
  const t = useTranslations("common");
  const parts = zonedParts(at, zone);
  return (
    <time
      dateTime={at}
      title={`${isoText(parts)} (${zone})`}
      className={cn("whitespace-nowrap", className)}
    >
      {t(isThisYear ? "time.thisYear" : "time.otherYear", {
        year: String(parts.year),
        month: t(`time.months.${parts.month}` as MonthKey),
        day: String(parts.day),
        time: clock,
      })}
      <span className="text-[0.85em] text-faint"> {parts.offset}</span>
    </time>
  );
}

/** The half-open span of data `[start, end)`; midnights are shown as dates. */
export function Interval({
  start,
  end,
  flowZone,
  className,
}: {
  start: string;
  end: string;
  flowZone?: string | undefined;
  className?: string;
}) {
  const t = useTranslations("common");
  const zone = useZone(flowZone);
  const from = zonedParts(start, zone);
  const to = zonedParts(end, zone);
  const short = isMidnight(from) && isMidnight(to);
  const date = (p: typeof from) =>
    `${p.year}-${String(p.month).padStart(2, "0")}-${String(p.day).padStart(2, "0")}`;
  const write = (p: typeof from) => (short ? date(p) : `${date(p)} ${p.time.slice(0, 5)}`);
  // The end on the same day need not name it once more.
  const until = !short && date(from) === date(to) ? to.time.slice(0, 5) : write(to);
  const offset = from.offset === to.offset ? from.offset : `${from.offset} → ${to.offset}`;
  return (
    <span
      className={cn("whitespace-nowrap", className)}
      title={t("time.interval", { start: isoText(from), end: isoText(to), zone })}
    >
      <time dateTime={start}>{write(from)}</time>
      <span aria-hidden className="text-faint">
        {" → "}
      </span>
      <time dateTime={end}>{until}</time>
      <span className="text-[0.85em] text-faint"> {offset}</span>
    </span>
  );
}

/** Writes a length of time in the page's language. */
export function useDurationText(): (ms: number) => string {
  const t = useTranslations("common");
  return (ms) => {
    const parts = durationParts(ms);
    return t(`duration.${parts.key}`, parts.values);
  };
}

/** A length of time in milliseconds. */
export function Duration({ ms, className }: { ms: number; className?: string }) {
  const write = useDurationText();
  return <span className={cn("whitespace-nowrap", className)}>{write(ms)}</span>;
}

/** Time from `from` to `to`, counting on while `to` is null. */
export function LiveDuration({
  from,
  to,
  serverNow,
  className,
}: {
  from: string;
  to: string | null;
  serverNow: string;
  className?: string;
}) {
  const now = useNow(serverNow, to === null ? 1_000 : null);
  const end = to === null ? now : new Date(to).getTime();
  return (
    <Duration
      ms={end - new Date(from).getTime()}
      {...(className === undefined ? {} : { className })}
    />
  );
}

/** How long ago something happened; the exact time is its title. */
export function Ago({
  at,
  serverNow,
  flowZone,
  className,
}: {
  at: string;
  serverNow: string;
  flowZone?: string | undefined;
  className?: string;
}) {
  const t = useTranslations("common");
  const zone = useZone(flowZone);
  const parts = agoParts(at, useNow(serverNow, 5_000));
  return (
    <time
      dateTime={at}
      title={`${zonedIso(at, zone)} (${zone})`}
      className={cn("whitespace-nowrap", className)}
    >
      {parts.key === "now" ? t("ago.now") : t(`ago.${parts.key}`, { value: parts.value })}
    </time>
  );
}

/** Numbers with the separators of the page's language. */
export function useNumberText(): (value: number) => string {
  const locale = useLocale();
  return (value) => new Intl.NumberFormat(locale).format(value);
}

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
  ["ms", 1],
] as const;

/** 366 days: anything longer is a slip, and timers further on need a bound. */
export const MAX_DURATION_MS = 366 * 86_400_000;

const GRAMMAR =
  /^(?:(\d{1,12})d)?(?:(\d{1,12})h)?(?:(\d{1,12})m)?(?:(\d{1,12})s)?(?:(\d{1,12})ms)?$/;

/**
 * Reads a duration such as `500ms`, `10s`, `5m`, `2h`, `1d` or `1h30m`: whole numbers, each unit at
 * most once, from large to small.
 * @returns whole milliseconds up to MAX_DURATION_MS, or null when the text is no such duration
 */
export function parseDuration(text: string): number | null {
  const parts = GRAMMAR.exec(text);
  if (parts === null || text === "") return null;
  let total = 0;
  for (const [index, [, unitMs]] of UNITS.entries()) {
    total += Number(parts[index + 1] ?? 0) * unitMs;
  }
  return total <= MAX_DURATION_MS ? total : null;
}

/** The shortest text that `parseDuration` reads back as `ms`, a whole number of at least 0. */
export function formatDuration(ms: number): string {
  let rest = ms;
  let text = "";
  for (const [unit, unitMs] of UNITS) {
    const count = Math.floor(rest / unitMs);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * unitMs;
  }
  return text === "" ? "0s" : text;
}

import { filters, Liquid, tags } from "liquidjs";

/**
 * The template language: LiquidJS, strict, without whatever would give equal runs different text
 * (now, random, the machine's zone or locale) or reach the disk.
 */

/** Longest template and longest rendered text, in UTF-16 code units. */
export const MAX_TEMPLATE = 1_000_000;
/** Objects that one rendering may make, and milliseconds that it may take. */
const MEMORY_LIMIT = 2_000_000;
const RENDER_LIMIT_MS = 500;

const REFUSED_TAGS: ReadonlySet<string> = new Set([
  "block",
  "decrement", // writes into the values that it is given
  "include",
  "increment",
  "layout",
  "render",
  "tablerow",
]);

const REFUSED_FILTERS: ReadonlySet<string> = new Set([
  "date_to_long_string",
  "date_to_rfc822",
  "date_to_string",
  "date_to_xmlschema",
  "sample",
]);

export const liquid = createEngine();

/** Names of the filters that templates may use. */
export const filterNames: readonly string[] = Object.keys(liquid.filters).sort();
export const tagNames: readonly string[] = Object.keys(liquid.tags).sort();

function createEngine(): Liquid {
  const engine = new Liquid({
    strictVariables: true,
    strictFilters: true,
    ownPropertyOnly: true,
    timezoneOffset: 0, // UTC, unless the filter date is given a zone
    locale: "en-US",
    parseLimit: MAX_TEMPLATE,
    memoryLimit: MEMORY_LIMIT,
    renderLimit: RENDER_LIMIT_MS,
    templates: {},
  });
  for (const name of Object.keys(tags)) if (REFUSED_TAGS.has(name)) delete engine.tags[name];
  for (const name of Object.keys(filters)) {
    if (REFUSED_FILTERS.has(name)) delete engine.filters[name];
  }
  const format = filters.date;
  if (typeof format !== "function") throw new Error("LiquidJS has no filter date.");
  engine.registerFilter("date", function date(value: unknown, pattern?: string, zone?: string) {
    const expanded = pattern?.replace(/%(.)/g, (directive) => SHORT_FORMS[directive] ?? directive);
    return format.call(this, new Date(instantOf(value)), expanded, zone);
  });
  engine.registerFilter("shell_quote", (value: unknown) => shellQuote(value));
  return engine;
}

/** Directives of strftime that LiquidJS does not know. */
const SHORT_FORMS: Readonly<Record<string, string>> = {
  "%D": "%m/%d/%y",
  "%F": "%Y-%m-%d",
  "%R": "%H:%M",
  "%T": "%H:%M:%S",
};

const INSTANT =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * Reads a date, an instant (UTC when it has no offset) or whole seconds since 1970.
 * @returns milliseconds since 1970
 * @throws Error for anything else, "now" included: a template sees only what the run was given
 */
function instantOf(value: unknown): number {
  if (typeof value === "number" && Number.isFinite(value)) return value * 1_000;
  const parts = typeof value === "string" ? INSTANT.exec(value) : null;
  const [, day, time = "00:00", zone = "Z"] = parts ?? [];
  const instant = Date.parse(`${day}T${time}${zone}`);
  // JavaScript takes 30 February for 1 March.
  const isReal = new Date(`${day}T00:00Z`).toJSON()?.slice(0, 10) === day;
  if (parts === null || Number.isNaN(instant) || !isReal) {
    throw new Error(
      `The filter "date" cannot read ${JSON.stringify(value)?.slice(0, 80)} as a date`,
    );
  }
  return instant;
}

/** One word of a POSIX shell, whatever characters the value holds. */
function shellQuote(value: unknown): string {
  const text = typeof value === "object" ? JSON.stringify(value ?? "") : String(value);
  return `'${text.replaceAll("'", "'\\''")}'`;
}

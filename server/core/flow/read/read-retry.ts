import { mergeRanges, parseStatusRange, type Range } from "../ranges.ts";
import { type FailureMatch, NO_RETRY, type RetryPolicy } from "../spec.ts";
import type { LocatedNode } from "./located.ts";
import type { Reader } from "./reader.ts";
import { didYouMean, quote } from "./suggest.ts";

const retryKeys = ["attempts", "delay", "factor", "cap", "retry_on", "give_up_on", "give_up_after"];

const FORMS = "timed_out, exit:75, exit:64-78, http:503, http:500-599 or http:5xx";

/** What `retry` says, of a task or of `defaults`. Keys that are absent or were reported are absent. */
export function readRetry(reader: Reader, node: LocatedNode): Partial<RetryPolicy> | null {
  const fields = reader.fields("retry", "retry", node, retryKeys);
  if (fields === null) return null;
  const attempts = fields.optional("attempts", (n) =>
    reader.number("attempts", n, { min: 1, max: 100 }, true),
  );
  const delayMs = fields.optional("delay", (n) => reader.duration("delay", n, { minMs: 0 }));
  const factor = fields.optional("factor", (n) =>
    reader.number("factor", n, { min: 1, max: 100 }, false),
  );
  const capMs = fields.optional("cap", (n) => {
    const cap = reader.duration("cap", n, { minMs: 0 });
    if (cap === null || delayMs === undefined || cap >= delayMs) return cap;
    return reader.report(
      "INVALID_VALUE",
      n.at,
      "The cap is shorter than the first delay.",
      "Make cap at least as long as delay.",
    );
  });
  const retryOn = fields.optional("retry_on", (n) => readFailures(reader, "retry_on", n));
  const giveUpOn = fields.optional("give_up_on", (n) => readFailures(reader, "give_up_on", n));
  const giveUpAfterMs = fields.optional("give_up_after", (n) =>
    reader.duration("give_up_after", n, { minMs: 1 }),
  );
  return {
    ...(attempts === undefined ? {} : { attempts }),
    ...(delayMs === undefined ? {} : { delayMs }),
    ...(factor === undefined ? {} : { factor }),
    ...(capMs === undefined ? {} : { capMs }),
    ...(retryOn === undefined ? {} : { retryOn }),
    ...(giveUpOn === undefined ? {} : { giveUpOn }),
    ...(giveUpAfterMs === undefined ? {} : { giveUpAfterMs }),
  };
}

/**
 * The policy of a task: what it and the defaults leave open is filled in. A delay longer than the
 * cap raises the cap: between `defaults` and a task the author meant it so. `retry_on` with every
 * failure is left out, since it says what its absence says.
 */
export function completeRetry(retry: Partial<RetryPolicy>): RetryPolicy {
  const { retryOn, ...complete } = { ...NO_RETRY, ...retry };
  const every = retryOn?.failed === true && retryOn.timedOut === true;
  return {
    ...complete,
    capMs: Math.max(complete.capMs, complete.delayMs),
    ...(retryOn === undefined || every ? {} : { retryOn }),
  };
}

/** A list of failures in its one canonical form. */
function readFailures(reader: Reader, key: string, node: LocatedNode): FailureMatch | null {
  const items = reader.list(key, node);
  if (items === null) return null;
  if (items.length === 0) {
    return reader.report(
      "INVALID_VALUE",
      node.at,
      `${quote(key)} names no failure.`,
      `Remove it, or name some: ${FORMS}.`,
    );
  }
  const codes: { exit: Range[]; http: Range[] } = { exit: [], http: [] };
  const named = new Set<string>();
  let valid = true;
  for (const item of items) {
    const text = reader.looseText(key, item);
    if (text === null) {
      valid = false;
    } else if (text === "timed_out" || (text === "failed" && key === "retry_on")) {
      named.add(text);
    } else {
      const code = parseCode(text);
      if (code === null) {
        valid = false;
        reader.report(
          "INVALID_VALUE",
          item.at,
          `${quote(key)} cannot name ${quote(text)}.`,
          fixFor(key, text),
        );
      } else {
        codes[code.of].push(code.range);
      }
    }
  }
  if (!valid) return null;
  const failed = named.has("failed");
  return {
    ...(failed ? { failed } : {}),
    ...(named.has("timed_out") ? { timedOut: true as const } : {}),
    ...(failed || codes.exit.length === 0 ? {} : { exit: mergeRanges(codes.exit) }),
    ...(failed || codes.http.length === 0 ? {} : { http: mergeRanges(codes.http) }),
  };
}

function parseCode(text: string): { of: "exit" | "http"; range: Range } | null {
  const [, of, code] = /^(exit|http):(.+)$/.exec(text) ?? [];
  if (of === undefined || code === undefined) return null;
  const range = of === "exit" ? parseExitRange(code) : parseStatusRange(code);
  return range === null ? null : { of: of as "exit" | "http", range };
}

/** `75` or `64-78`; 0 is success, and a process has no code above 255. */
function parseExitRange(text: string): Range | null {
  const [, first, last] = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(text) ?? [];
  if (first === undefined) return null;
  const [from, to] = [Number(first), Number(last ?? first)];
  return from >= 1 && from <= to && to <= 255 ? [from, to] : null;
}

/** Most mistakes are a code without its word in front. */
function fixFor(key: string, text: string): string {
  if (text === "failed") return "Set attempts to 1 when no failure is to be tried again.";
  const forms = [
    ...(parseExitRange(text) === null ? [] : [`exit:${text} for an exit code`]),
    ...(parseStatusRange(text) === null ? [] : [`http:${text} for a status of HTTP`]),
  ];
  if (forms.length > 0) return `Write ${forms.join(", or ")}.`;
  if (/^(exit|http):/.test(text)) {
    return "Exit codes go from 1 to 255, statuses from 100 to 599, ranges from low to high.";
  }
  const words = key === "retry_on" ? ["failed", "timed_out"] : ["timed_out"];
  return didYouMean(text, words, `Use for example ${FORMS}.`);
}

/** Errors that differ only in what changes from run to run are one error. */
import { plainText } from "./errors-in-log.ts";

const MAX_READ = 1_000;
const MAX_TEXT = 200;

/** In this order: what an earlier rule put in place is left alone by the later ones. */
const rules: readonly [RegExp, string][] = [
  [/\b[a-z][a-z0-9+.-]*:\/\/([^\s/"'<>)\]]+)[^\s"'<>)\]]*/gi, "‹url›"],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, "‹id›"],
  [
    /\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:\s?(?:Z|UTC|[+-]\d\d:?\d\d))?)?/g,
    "‹time›",
  ],
  [/\b\d{1,2}:\d\d:\d\d(?:[.,]\d+)?\b/g, "‹time›"],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, "‹address›"],
  [/(?<![\w‹])[A-Za-z]:\\[^\s"'<>|]+/g, "‹path›"],
  [/(?<![\w./‹~])~?(?:\.{0,2}\/[^\s/"'<>|:,;()]+)+\/?/g, "‹path›"],
  [/\b0x[0-9a-f]+\b/gi, "‹id›"],
  [/\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,}\b/gi, "‹id›"],
  [/\b(?=\w*\d)(?=\w*[A-Za-z])[A-Za-z0-9]{16,}\b/g, "‹id›"],
  [/[-+]?\d+(?:[.,_]\d+)*/g, "‹n›"],
];

/**
 * The form of an error message that equal errors share: its first line without colours, with
 * numbers, ids, addresses, paths and times replaced by what they are.
 * @returns at most 200 characters; `‹…›` marks what was replaced; empty for an empty message
 */
export function fingerprint(message: string): string {
  const first = message.slice(0, MAX_READ).trimStart().split(/\r?\n/, 1)[0] ?? "";
  let text = plainText(first);
  for (const [pattern, word] of rules) text = text.replace(pattern, word);
  return text.replace(/\s+/g, " ").trim().slice(0, MAX_TEXT);
}

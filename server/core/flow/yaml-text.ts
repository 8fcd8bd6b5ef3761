import { Scalar } from "yaml";

/**
 * The offset in the YAML text of one character of a scalar's value: steps over quotes, indentation,
 * folded line ends and escapes. Falls back to the start of the scalar.
 * @param value what the scalar was understood as
 * @param index position in the value, UTF-16 code units from 0; its length asks for the end
 */
export function yamlTextOffset(
  text: string,
  scalar: Scalar.Parsed,
  value: string,
  index: number,
): number {
  const [start, end] = scalar.range;
  if (value === "") return start;
  let at = start;
  if (scalar.type === Scalar.BLOCK_LITERAL || scalar.type === Scalar.BLOCK_FOLDED) {
    const header = text.indexOf("\n", start);
    if (header === -1 || header >= end) return start;
    at = header + 1;
  } else if (scalar.type !== Scalar.PLAIN) {
    at = start + 1;
  }
  for (let taken = 0; at < end; ) {
    if (taken === index && index === value.length) return at;
    const skipped = scalar.type === Scalar.QUOTE_DOUBLE ? escapeLength(text, at) : null;
    const want = value[taken];
    const here = text[at];
    const folded = here === "\n" && (want === " " || want === "\n");
    if (skipped === null && here !== want && !folded) {
      at += 1;
      continue;
    }
    if (taken === index) return at;
    if (skipped === 0) {
      at += 2;
      continue;
    }
    at += skipped ?? 1; // the second of two single quotes matches nothing and is stepped over
    taken += 1;
  }
  return index === value.length ? at : start;
}

/** Length of the escape at `at`; 0 for an escaped line end, which stands for nothing; null for none. */
function escapeLength(text: string, at: number): number | null {
  if (text[at] !== "\\") return null;
  const letter = text[at + 1];
  if (letter === "\n" || letter === "\r") return 0;
  if (letter === "x") return 4;
  if (letter === "u") return 6;
  return letter === "U" ? 10 : 2;
}

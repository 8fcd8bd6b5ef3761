/**
 * The offset in the YAML text of one character of a scalar's value: steps over quotes, indentation,
 * folded line ends and escapes. Falls back to the start of the scalar.
 * @param start where the scalar begins, with its quote or the sign of a block
 * @param value what the scalar was understood as
 * @param index position in the value, UTF-16 code units from 0; its length asks for the end
 */
export function yamlTextOffset(text: string, start: number, value: string, index: number): number {
  if (value === "") return start;
  const style = text[start];
  let at = start;
  if (style === "|" || style === ">") {
    const header = text.indexOf("\n", start);
    if (header === -1) return start;
    at = header + 1;
  } else if (style === '"' || style === "'") {
    at = start + 1;
  }
  for (let taken = 0; at < text.length; ) {
    if (taken === index && index === value.length) return at;
    const skipped = style === '"' ? escapeLength(text, at) : null;
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

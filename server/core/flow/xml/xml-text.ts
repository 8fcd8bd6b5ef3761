/** A stretch of character data in the source. */
export interface TextRun {
  kind: "attribute" | "text" | "cdata";
  start: number;
  end: number;
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["apos", "'"],
  ["gt", ">"],
  ["lt", "<"],
  ["quot", '"'],
]);

const REFERENCE = /&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|([a-z]{2,4}));/y;

/** The character that a reference at this offset stands for, or null when it is none. */
export function decodeReference(
  source: string,
  at: number,
): { text: string; length: number } | null {
  REFERENCE.lastIndex = at;
  const found = REFERENCE.exec(source);
  if (found === null) return null;
  const [whole, decimal, hex, name] = found;
  if (name !== undefined) {
    const text = NAMED.get(name);
    return text === undefined ? null : { text, length: whole.length };
  }
  const point = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
  return isCharacter(point) ? { text: String.fromCodePoint(point), length: whole.length } : null;
}

/** Source: XML 1.0, production 2 (Char) */
function isCharacter(point: number): boolean {
  return (
    point === 0x9 ||
    point === 0xa ||
    point === 0xd ||
    (point >= 0x20 && point <= 0xd7ff) ||
    (point >= 0xe000 && point <= 0xfffd) ||
    (point >= 0x10000 && point <= 0x10ffff)
  );
}

/** What stands for something else than itself. */
const CODED: Readonly<Record<TextRun["kind"], RegExp>> = {
  attribute: /[&\r\n\t]/,
  text: /[&\r]/,
  cdata: /\r/,
};

/**
 * The text of the runs: references decoded, line ends as \n, white space in attributes as spaces.
 * @param origins receives the offset in the source of each UTF-16 code unit of the text
 */
export function decodeText(source: string, runs: readonly TextRun[], origins?: number[]): string {
  return runs.map((run) => decodeRun(source, run, origins)).join("");
}

function decodeRun(source: string, run: TextRun, origins: number[] | undefined): string {
  const { kind, start, end } = run;
  const written = source.slice(start, end);
  if (origins === undefined && !CODED[kind].test(written)) return written;
  const pieces: string[] = [];
  const push = (text: string, at: number): void => {
    pieces.push(text);
    if (origins !== undefined) for (let unit = 0; unit < text.length; unit += 1) origins.push(at);
  };
  for (let at = start; at < end; ) {
    const character = source[at] ?? "";
    const reference = character === "&" && kind !== "cdata" ? decodeReference(source, at) : null;
    if (reference !== null) {
      push(reference.text, at);
      at += reference.length;
      continue;
    }
    const isLineEnd = character === "\r" || character === "\n";
    if (isLineEnd) push(kind === "attribute" ? " " : "\n", at);
    else push(kind === "attribute" && character === "\t" ? " " : character, at);
    at += character === "\r" && source[at + 1] === "\n" ? 2 : 1;
  }
  return pieces.join("");
}

/**
 * Text content as an author means it: one line trimmed; several lines without the indentation that all
 * of them share and without the blank ones next to the tags, ending with a line end, as a literal
 * block in YAML does.
 * @param origins as filled by decodeText; reduced to the characters that are kept
 */
export function unindent(text: string, origins?: number[]): string {
  if (origins === undefined && !text.includes("\n")) return text.trim();
  const kept: [number, number][] = [];
  const isBlock = text.trim().includes("\n");
  if (!isBlock) {
    const start = text.length - text.trimStart().length;
    kept.push([start, Math.max(start, text.trimEnd().length)]);
  } else {
    const lines: [number, number][] = [];
    for (let start = 0; start <= text.length; ) {
      const next = text.indexOf("\n", start);
      lines.push([start, next === -1 ? text.length : next + 1]);
      start = next === -1 ? text.length + 1 : next + 1;
    }
    const isBlank = ([start, end]: [number, number]) => text.slice(start, end).trim() === "";
    while (lines[0] !== undefined && isBlank(lines[0])) lines.shift();
    while (lines.length > 0 && isBlank(lines.at(-1) ?? [0, 0])) lines.pop();
    const indents = lines
      .filter((line) => !isBlank(line))
      .map(([start, end]) => /^[ \t]*/.exec(text.slice(start, end))?.[0].length ?? 0);
    const indent = Math.min(...indents, text.length);
    for (const [start, end] of lines) {
      // A blank line may be shorter than the indentation; its line end stays.
      const from = isBlank([start, end]) ? Math.max(start, end - 1) : start + indent;
      kept.push([from, end]);
    }
  }
  if (origins !== undefined) {
    const all = origins.splice(0, origins.length);
    for (const [start, end] of kept)
      for (let at = start; at < end; at += 1) origins.push(all[at] ?? 0);
  }
  const result = kept.map(([start, end]) => text.slice(start, end)).join("");
  return isBlock && !result.endsWith("\n") ? `${result}\n` : result;
}

import Anser from "anser";

/** A piece of a line with one look. Colours are CSS values; `styles` are class names. */
export interface Segment {
  text: string;
  styles: string[];
  color?: string;
  background?: string;
}

const ESC = "\u001b";
/** Operating system commands (titles, hyperlinks) and escapes of other kinds than `ESC [`. */
const OTHER_ESCAPES = new RegExp(
  `${ESC}\\][^\u0007${ESC}]*(?:\u0007|${ESC}\\\\)?|${ESC}[PX^_][^${ESC}]*(?:${ESC}\\\\)?|${ESC}[ -/]*[0-Z\\\\^-~]`,
  "g",
);
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const CONTROLS = /[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f]/g;
/** Text that could turn the reading direction of what follows, to make a line look like another. */
const DIRECTION_MARKS = /[\u202a-\u202e\u2066-\u2069]/g;

/** True when the line has anything but plain text. */
function isPlain(text: string): boolean {
  return !text.includes(ESC);
}

/**
 * Splits a line at its ANSI colours. Everything else a terminal would obey is dropped (cursor moves,
 * titles) or made visible (control characters); what a carriage return overwrote is left out.
 * The result is text for text nodes: markup in it stays text.
 */
export function parseAnsi(raw: string): Segment[] {
  const text = overwritten(raw);
  if (isPlain(text)) return [{ text: visible(text), styles: [] }];
  const [head = "", ...chunks] = text.replace(OTHER_ESCAPES, "").split(`${ESC}[`);
  const anser = new Anser();
  const segments: Segment[] = [];
  if (head !== "") segments.push({ text: visible(head), styles: [] });
  for (const chunk of chunks) {
    // One chunk at a time: the library hands out one shared list of decorations and changes it later.
    const entry = anser.processChunkJson(chunk, { json: true, use_classes: true }, true);
    const content = visible(entry.content.replaceAll(ESC, ""));
    if (content === "") continue;
    segments.push(segmentOf(content, entry));
  }
  return segments.length === 0 ? [{ text: "", styles: [] }] : segments;
}

/** The line without any escapes, for search and copying of what is seen. */
export function plainText(raw: string): string {
  return parseAnsi(raw)
    .map((segment) => segment.text)
    .join("");
}

function segmentOf(text: string, entry: Anser.AnserJsonEntry): Segment {
  const styles = entry.decorations.filter((name) => name !== "blink").map((name) => `ansi-${name}`);
  const segment: Segment = { text, styles };
  const color = entry.fg ? colorOf(entry.fg, entry.fg_truecolor) : null;
  const background = entry.bg ? colorOf(entry.bg, entry.bg_truecolor) : null;
  if (color !== null) {
    if (color.startsWith("ansi-")) styles.push(`${color}-fg`);
    else segment.color = color;
  }
  if (background !== null) {
    if (background.startsWith("ansi-")) styles.push(`${background}-bg`);
    else segment.background = background;
  }
  return segment;
}

/** One of the 16 named colours as a class (`ansi-red`), any other as `rgb(…)`. */
function colorOf(name: string, truecolor: string): string {
  if (name === "ansi-truecolor") return `rgb(${truecolor})`;
  const palette = /^ansi-palette-(\d+)$/.exec(name);
  return palette ? paletteColor(Number(palette[1])) : name;
}

/** Colour `index` (16–255) of the xterm palette: a 6×6×6 cube, then 24 greys. */
function paletteColor(index: number): string {
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return `rgb(${grey}, ${grey}, ${grey})`;
  }
  const level = (step: number) => (step === 0 ? 0 : 55 + step * 40);
  const cube = index - 16;
  return `rgb(${level(Math.floor(cube / 36))}, ${level(Math.floor(cube / 6) % 6)}, ${level(cube % 6)})`;
}

/** What a terminal shows of `10%\r20%\r30%`. */
function overwritten(text: string): string {
  if (!text.includes("\r")) return text;
  const parts = text.split("\r").filter((part) => part !== "");
  return parts.at(-1) ?? "";
}

/** Control characters as their pictures (␀), direction marks as �, so that nothing hides. */
function visible(text: string): string {
  return text
    .replace(CONTROLS, (char) =>
      char === "\u007f" ? "\u2421" : String.fromCharCode(0x2400 + char.charCodeAt(0)),
    )
    .replace(DIRECTION_MARKS, "\ufffd");
}

/**
 * Splits TypeScript into tokens, just well enough to find where the literals of a definition stand.
 * The meaning of the code is never taken from here: the definition itself comes from running it.
 */

export interface Token {
  kind: "word" | "number" | "string" | "template" | "regex" | "mark";
  /** Offsets in the text, the end exclusive. */
  start: number;
  end: number;
  text: string;
}

const SPACE = /\s/;
const WORD_START = /[\p{ID_Start}$_#]/u;
const WORD = /[\p{ID_Continue}$#]/u;
const DIGIT = /[0-9]/;
/** From a place on: whole runs at once, since definitions may be megabytes long. */
const SPACES = /\s+/y;
const WORD_REST = /[\p{ID_Continue}$#]*/uy;
const NUMBER_REST = /[\p{ID_Continue}$#.]*/uy;
/** Words after which a slash begins a regular expression. */
const BEFORE_EXPRESSION = new Set(
  "return typeof case in of delete void throw new do else instanceof yield await default".split(
    " ",
  ),
);

/** Reads on to the end whatever the text holds: an unclosed literal ends where the text does. */
export function readTokens(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const start = at;
    const kind = kindAt(text, at, tokens.at(-1));
    switch (kind) {
      case "space":
        at = endOfRun(SPACES, text, at);
        continue;
      case "comment":
        at = endOfComment(text, at);
        continue;
      case "word":
        at = endOfRun(WORD_REST, text, at + 1);
        break;
      case "number":
        at = endOfRun(NUMBER_REST, text, at + 1);
        break;
      case "string":
        at = endOfString(text, at);
        break;
      case "template":
        at = endOfTemplate(text, at);
        break;
      case "regex":
        at = endOfRegex(text, at);
        break;
      case "mark":
        at += text.startsWith("...", at) ? 3 : text.startsWith("=>", at) ? 2 : 1;
        break;
    }
    tokens.push({ kind, start, end: at, text: text.slice(start, at) });
  }
  return tokens;
}

function kindAt(
  text: string,
  at: number,
  previous: Token | undefined,
): Token["kind"] | "space" | "comment" {
  const character = text[at] ?? "";
  if (SPACE.test(character)) return "space";
  if (text.startsWith("//", at) || text.startsWith("/*", at)) return "comment";
  if (text.startsWith("#!", at) && at === 0) return "comment";
  if (character === "'" || character === '"') return "string";
  if (character === "`") return "template";
  if (DIGIT.test(character)) return "number";
  if (WORD_START.test(character)) return "word";
  if (character === "/" && expectsExpression(previous)) return "regex";
  return "mark";
}

function expectsExpression(previous: Token | undefined): boolean {
  if (previous === undefined) return true;
  if (previous.kind === "word") return BEFORE_EXPRESSION.has(previous.text);
  return previous.kind === "mark" && ![")", "]", "}"].includes(previous.text);
}

function endOfRun(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

function endOfComment(text: string, at: number): number {
  const block = text.startsWith("/*", at);
  const end = text.indexOf(block ? "*/" : "\n", at + 2);
  if (end === -1) return text.length;
  return block ? end + 2 : end;
}

function endOfString(text: string, start: number): number {
  const quote = text[start];
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === quote) return at + 1;
    else if (text[at] === "\n") return at;
  }
  return text.length;
}

/** A template with everything nested in it is one token. */
function endOfTemplate(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === "`") return at + 1;
    else if (text.startsWith("${", at)) at = endOfPlaceholder(text, at + 2) - 1;
  }
  return text.length;
}

function endOfPlaceholder(text: string, start: number): number {
  let depth = 1;
  let at = start;
  while (at < text.length) {
    const character = text[at];
    if (text.startsWith("//", at) || text.startsWith("/*", at)) at = endOfComment(text, at);
    else if (character === "'" || character === '"') at = endOfString(text, at);
    else if (character === "`") at = endOfTemplate(text, at);
    else {
      at += 1;
      if (character === "{") depth += 1;
      if (character === "}") depth -= 1;
      if (depth === 0) return at;
    }
  }
  return text.length;
}

function endOfRegex(text: string, start: number): number {
  let inClass = false;
  let at = start + 1;
  for (; at < text.length && text[at] !== "\n"; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === "[") inClass = true;
    else if (text[at] === "]") inClass = false;
    else if (text[at] === "/" && !inClass) {
      at += 1;
      break;
    }
  }
  while (at < text.length && WORD.test(text[at] ?? "")) at += 1;
  return at;
}

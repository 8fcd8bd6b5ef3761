import {
  type LocatedDocument,
  type LocatedNode,
  lineIndex,
  MAX_DEPTH,
  type MapEntry,
} from "./read/located.ts";
import { ProblemList } from "./read/problem-list.ts";

/** Why a text is no JSON, and the offset at which that shows. */
class JsonFault extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/**
 * Reads JSON into a located document, for documents that other programs wrote.
 * Never throws: whatever is wrong with the text is in `problems`.
 * @param maxBytes larger texts are refused unread
 * Source: RFC 8259
 */
export function parseJson(
  text: string,
  file: string,
  maxBytes: number,
): Omit<LocatedDocument, "format"> {
  const locate = lineIndex(file, text);
  const problems = new ProblemList();
  let root: LocatedNode | null = null;
  if (Buffer.byteLength(text) > maxBytes) {
    problems.add(
      "TOO_LARGE",
      locate(0),
      `The file is larger than ${maxBytes >> 20} MB.`,
      "Split it, or remove what is not needed.",
    );
  } else {
    try {
      root = new JsonReader(text).document();
    } catch (error) {
      if (!(error instanceof JsonFault)) throw error;
      problems.add(
        error.message.startsWith("Values are nested") ? "TOO_DEEP" : "SYNTAX",
        locate(error.offset),
        error.message,
        "Correct the JSON here, or export the file anew.",
      );
    }
  }
  return {
    file,
    text,
    root,
    problems: problems.sorted(),
    locate,
    locateText: (node) => locate(node.at),
  };
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\r\n]*/y;
const WORDS: Readonly<Record<string, null | boolean>> = { null: null, true: true, false: false };

class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    if (text.startsWith("\ufeff")) this.#at = 1;
  }

  document(): LocatedNode {
    const root = this.#value(1);
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#unexpected("the end of the file");
    return root;
  }

  #skipSpace(): void {
    SPACE.lastIndex = this.#at;
    SPACE.test(this.#text);
    this.#at = SPACE.lastIndex;
  }

  #unexpected(wanted: string): JsonFault {
    const found = this.#text[this.#at];
    const what = found === undefined ? "the file ends" : `there is ${JSON.stringify(found)}`;
    return new JsonFault(`Here should be ${wanted}, but ${what}.`, this.#at);
  }

  #take(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) return null;
    const taken = this.#text.slice(this.#at, pattern.lastIndex);
    this.#at = pattern.lastIndex;
    return taken;
  }

  #value(depth: number): LocatedNode {
    this.#skipSpace();
    const at = this.#at;
    if (depth > MAX_DEPTH) {
      throw new JsonFault(`Values are nested more than ${MAX_DEPTH} deep.`, at);
    }
    switch (this.#text[at]) {
      case "{":
        return this.#map(at, depth);
      case "[":
        return this.#list(at, depth);
      case '"': {
        const value = this.#string();
        return { kind: "scalar", at, value, source: value, untyped: false };
      }
    }
    const number = this.#take(NUMBER);
    if (number !== null) {
      return { kind: "scalar", at, value: Number(number), source: number, untyped: false };
    }
    for (const [word, value] of Object.entries(WORDS)) {
      if (!this.#text.startsWith(word, at)) continue;
      this.#at += word.length;
      return { kind: "scalar", at, value, source: word, untyped: false };
    }
    throw this.#unexpected("a value");
  }

  #string(): string {
    const at = this.#at;
    let end = at + 1;
    for (; this.#text[end] !== '"'; end += this.#text[end] === "\\" ? 2 : 1) {
      if (end >= this.#text.length || this.#text[end] === "\n") {
        throw new JsonFault("This text is not closed on its line.", at);
      }
    }
    this.#at = end + 1;
    const literal = this.#text.slice(at, this.#at);
    try {
      return JSON.parse(literal) as string;
    } catch {
      throw new JsonFault("This text holds a control character or an unknown escape.", at);
    }
  }

  #map(at: number, depth: number): LocatedNode {
    const entries = new Map<string, MapEntry>();
    const repeated: MapEntry[] = [];
    this.#each("}", () => {
      const keyAt = this.#at;
      if (this.#text[keyAt] !== '"') throw this.#unexpected("a key in quotes");
      const key = this.#string();
      this.#skipSpace();
      if (this.#text[this.#at] !== ":") throw this.#unexpected("a colon");
      this.#at += 1;
      const entry = { key, at: keyAt, value: this.#value(depth + 1) };
      if (entries.has(key)) repeated.push(entry);
      else entries.set(key, entry);
    });
    return { kind: "map", at, entries, repeated };
  }

  #list(at: number, depth: number): LocatedNode {
    const items: LocatedNode[] = [];
    this.#each("]", () => items.push(this.#value(depth + 1)));
    return { kind: "list", at, items };
  }

  /** Steps over an opening bracket, the items with their commas, and the closing bracket. */
  #each(close: string, readItem: () => void): void {
    this.#at += 1;
    this.#skipSpace();
    while (this.#text[this.#at] !== close) {
      readItem();
      this.#skipSpace();
      const mark = this.#text[this.#at];
      if (mark !== "," && mark !== close) throw this.#unexpected(`a comma or ${close}`);
      if (mark === ",") {
        this.#at += 1;
        this.#skipSpace();
        if (this.#text[this.#at] === close) throw this.#unexpected("another item");
      }
    }
    this.#at += 1;
  }
}

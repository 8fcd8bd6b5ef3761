import {
  addEntry,
  emptyMap,
  type LocatedNode,
  MAX_DEPTH,
  type ScalarNode,
} from "../read/located.ts";
import { Cursor, irregular, leave, type Plain } from "./yaml-cursor.ts";

/**
 * Reads the plain part of YAML that nearly all definitions keep to: block and flow maps and lists,
 * scalars of all styles, comments; no anchors, tags, directives, empty values, explicit keys, tabs
 * for layout or texts that run over several lines outside of `|` and `>`.
 *
 * The library says what scalars mean; its lexer and its grammar, which keep every space, take seconds
 * for ten thousand tasks. Whatever is not plain, mistakes included, is left to them: the library
 * decides what is YAML and words all errors.
 *
 * @param restore takes the shield of templates out of a value
 * @returns what the library would give for the text, or null when the text is not that plain
 */
export function readRegularYaml(
  text: string,
  restore: (value: string) => string,
): LocatedNode | null {
  if (REFUSED.test(text)) return null;
  try {
    return new RegularReader(text, restore).document();
  } catch (error) {
    if (error === irregular) return null;
    throw error;
  }
}

/** Control characters, line ends of other systems, and marks of documents before the first line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const REFUSED = /[\x00-\x08\x0b-\x1f\ufeff]|^(?:---|\.\.\.)/;

/** Longest key; beyond 1,024 characters YAML refuses it. */
const MAX_KEY = 512;

/** Each method begins at the first character of what it reads. */
class RegularReader {
  readonly #restore: (value: string) => string;
  readonly #cursor: Cursor;

  constructor(text: string, restore: (value: string) => string) {
    this.#restore = restore;
    this.#cursor = new Cursor(text);
  }

  document(): LocatedNode {
    const root = this.#block(-1, 1);
    return this.#cursor.column === -1 ? root : leave();
  }

  /** A value that begins on a line of its own. @param parent column of the collection around it */
  #block(parent: number, depth: number): LocatedNode {
    const cursor = this.#cursor;
    if (cursor.isIndicator("-")) return this.#list(depth);
    if (cursor.is("{") || cursor.is("[")) {
      const node = this.#flow(parent, depth, true);
      cursor.restOfLine();
      return node;
    }
    return this.#map(cursor.column, cursor.scalar(false), depth);
  }

  /** @param first its first key */
  #map(column: number, first: Plain, depth: number): LocatedNode {
    this.#enter(depth);
    const cursor = this.#cursor;
    const map = emptyMap(first.at);
    for (let scalar = first; ; scalar = cursor.scalar(false)) {
      const key = this.#key(scalar);
      addEntry(map, { key, at: scalar.at, value: this.#valueOf(column, depth + 1) });
      if (cursor.column < column) return map;
      if (cursor.column > column || cursor.isIndicator("-")) leave();
    }
  }

  /** What stands behind a colon. @param column of the map */
  #valueOf(column: number, depth: number): LocatedNode {
    const cursor = this.#cursor;
    const isSpaced = cursor.spaces();
    if (!cursor.atLineEnd && !cursor.is("#")) {
      return isSpaced ? this.#inline(column, depth) : leave();
    }
    if (cursor.is("#") && !isSpaced) leave();
    cursor.comment();
    if (!cursor.newline()) leave();
    cursor.blankLines();
    const { column: next } = cursor;
    const isBelow = next > column || (next === column && cursor.isIndicator("-"));
    return isBelow ? this.#block(column, depth) : leave();
  }

  #list(depth: number): LocatedNode {
    this.#enter(depth);
    const cursor = this.#cursor;
    const { at, column } = cursor;
    const items: LocatedNode[] = [];
    while (cursor.column === column && cursor.isIndicator("-")) {
      cursor.step();
      if (!cursor.spaces()) leave();
      items.push(this.#item(column, depth + 1));
    }
    if (cursor.column > column) leave();
    return { kind: "list", at, items };
  }

  /**
   * An item of a list: a value, or a map whose first key stands behind the dash.
   * @param list column of the dash
   */
  #item(list: number, depth: number): LocatedNode {
    const cursor = this.#cursor;
    const column = cursor.here;
    if ("{[|>".includes(cursor.sign ?? "\n")) return this.#inline(list, depth);
    const scalar = cursor.scalar(false);
    if (cursor.is(":")) return this.#map(column, scalar, depth);
    cursor.restOfLine();
    return this.#node(scalar);
  }

  /**
   * A value that begins on the line of its key or dash, and the rest of its line.
   * @param column of the collection around it
   */
  #inline(column: number, depth: number): LocatedNode {
    const cursor = this.#cursor;
    if (cursor.is("|") || cursor.is(">")) {
      const { at, value } = cursor.blockText(column);
      return this.#node({ at, value, source: value });
    }
    const isFlow = cursor.is("{") || cursor.is("[");
    const node = isFlow ? this.#flow(column, depth, true) : this.#node(cursor.scalar(false));
    cursor.restOfLine();
    return node;
  }

  /**
   * A collection in brackets. Its lines stand further in than the collection around it; the last
   * bracket may stand below that collection's first character.
   */
  #flow(parent: number, depth: number, isOuter: boolean): LocatedNode {
    this.#enter(depth);
    const cursor = this.#cursor;
    const { at } = cursor;
    const isMap = cursor.is("{");
    const end = isMap ? "}" : "]";
    const map = emptyMap(at);
    const items: LocatedNode[] = [];
    const space = () => {
      const isNewLine = this.#flowSpace();
      const least = isOuter && cursor.is(end) ? parent : parent + 1;
      if (isNewLine && cursor.here < least) leave();
    };
    cursor.step();
    space();
    while (!cursor.is(end)) {
      if (isMap) {
        const scalar = cursor.scalar(true);
        const key = this.#key(scalar);
        if (!cursor.spaces()) leave();
        addEntry(map, { key, at: scalar.at, value: this.#flowValue(parent, depth + 1) });
      } else {
        items.push(this.#flowValue(parent, depth + 1));
      }
      space();
      if (cursor.is(",")) {
        cursor.step();
        space();
      } else if (!cursor.is(end)) {
        leave();
      }
    }
    cursor.step();
    return isMap ? map : { kind: "list", at, items };
  }

  #flowValue(parent: number, depth: number): LocatedNode {
    const cursor = this.#cursor;
    const isFlow = cursor.is("{") || cursor.is("[");
    return isFlow ? this.#flow(parent, depth, false) : this.#node(cursor.scalar(true));
  }

  /** Blanks, line ends and comments inside a flow collection. @returns whether there was a line end */
  #flowSpace(): boolean {
    const cursor = this.#cursor;
    let isSpaced = cursor.spaces();
    let isNewLine = false;
    for (;;) {
      if (cursor.is("#") && !isSpaced && !isNewLine) leave();
      cursor.comment();
      if (!cursor.newline()) return isNewLine;
      isNewLine = true;
      isSpaced = cursor.spaces();
    }
  }

  /** The key that a scalar is, and its colon. */
  #key({ value, source }: Plain): string {
    if (!this.#cursor.is(":") || value === null || source.length > MAX_KEY) leave();
    this.#cursor.step();
    const key = this.#restore(typeof value === "string" ? value : source);
    return key === "<<" ? leave() : key;
  }

  #node({ at, value, source }: Plain): ScalarNode {
    const plain = typeof value === "string" ? this.#restore(value) : value;
    const written = typeof plain === "string" ? plain : source;
    return { kind: "scalar", at, value: plain, source: written, untyped: false };
  }

  /** Leaves where the library would say that it is too deep. */
  #enter(depth: number): void {
    if (depth >= MAX_DEPTH) leave();
  }
}

import { CST, isScalar, Schema } from "yaml";
import type { ScalarNode } from "../read/located.ts";

/** Thrown to leave: the text is not plain. */
export const irregular = Symbol("irregular");

export function leave(): never {
  throw irregular;
}

/** A value on one line. */
export interface Plain {
  /** Offset of the first character. */
  at: number;
  value: ScalarNode["value"];
  /** As written. */
  source: string;
}

const NEWLINE = 10;
const TAB = 9;
const SPACE = 32;
const HASH = 35;
const COLON = 58;

/** The types that plain text may have in YAML's core schema. */
const typed = new Schema({ schema: "core" }).tags.flatMap((tag) =>
  tag.collection === undefined && tag.default === true && tag.test !== undefined
    ? [{ test: tag.test, resolve: tag.resolve }]
    : [],
);
/** How text begins that may be a number, a truth value or null. */
const MAY_BE_TYPED = /^[-+.~\d]|^(?:null|true|false)$/i;
/** What plain text cannot begin with, and what begins other things. */
const BAD_START = new Set("{}[],#|>&*!%@`\"'".split(""));
/** They begin plain text only before something that could go on with it. */
const INDICATORS = new Set("-?:".split(""));
const FLOW_SIGNS = new Set(",[]{}".split("").map((sign) => sign.charCodeAt(0)));

/**
 * A place in a text of plain YAML, which moves forward. Leaves at tabs outside of texts, at marks of
 * documents, and at whatever else is not plain.
 */
export class Cursor {
  readonly #text: string;
  #at = 0;
  /** Offset of the line. */
  #line = 0;
  /** Column of the first content of the line, from 0; −1 at the end of the text. */
  #column = -1;

  constructor(text: string) {
    this.#text = text;
    this.blankLines();
  }

  get at(): number {
    return this.#at;
  }

  /** Column of the first content of the line, from 0; −1 at the end of the text. */
  get column(): number {
    return this.#column;
  }

  /** Column of this place, from 0. */
  get here(): number {
    return this.#at - this.#line;
  }

  /** Whether the next character is this one. */
  is(sign: string): boolean {
    return this.#text[this.#at] === sign;
  }

  /** The next character; undefined at the end of the text. */
  get sign(): string | undefined {
    return this.#text[this.#at];
  }

  /** Whether nothing is left on this line. */
  get atLineEnd(): boolean {
    return this.#at === this.#text.length || this.#code(this.#at) === NEWLINE;
  }

  /** Whether this sign stands here and nothing is attached to it. */
  isIndicator(sign: string): boolean {
    return this.is(sign) && this.#isEmpty(this.#at + 1);
  }

  step(): void {
    this.#at += 1;
  }

  /** Steps over blanks. @returns whether there were any */
  spaces(): boolean {
    const from = this.#at;
    while (this.#code(this.#at) === SPACE) this.#at += 1;
    if (this.#code(this.#at) === TAB) leave();
    return this.#at > from;
  }

  /** Steps to the end of the line if a comment stands here. @returns whether one did */
  comment(): boolean {
    if (this.#code(this.#at) !== HASH) return false;
    this.#at = this.#lineEnd(this.#at);
    return true;
  }

  /** Steps over the end of the line. @returns whether it was here */
  newline(): boolean {
    if (this.#code(this.#at) !== NEWLINE) return false;
    this.#at += 1;
    this.#line = this.#at;
    if (this.#text.startsWith("---", this.#at) || this.#text.startsWith("...", this.#at)) leave();
    return true;
  }

  /** From the start of a line to the next content. */
  blankLines(): void {
    do {
      this.spaces();
      this.comment();
    } while (this.newline());
    this.#column = this.#at === this.#text.length ? -1 : this.#at - this.#line;
  }

  /** From the end of a value to the next content. */
  restOfLine(): void {
    if (this.spaces()) this.comment();
    if (!this.newline() && this.#at < this.#text.length) leave();
    this.blankLines();
  }

  /** Plain text, or text in quotes, on one line. */
  scalar(inFlow: boolean): Plain {
    const at = this.#at;
    const first = this.sign ?? leave();
    const isQuoted = first === '"' || first === "'";
    this.#at = isQuoted ? this.#quoteEnd(first) : this.#plainEnd(first, inFlow);
    const source = this.#text.slice(at, this.#at);
    if (isQuoted) return { at, value: unquoted(source, at), source };
    return { at, value: MAY_BE_TYPED.test(source) ? typedValue(source) : source, source };
  }

  /** Offset behind the closing quote. */
  #quoteEnd(mark: string): number {
    for (let at = this.#at + 1; ; at += 1) {
      const sign = this.#text[at];
      if (sign === undefined || sign === "\n") leave();
      if (sign === "\\" && mark === '"') at += 1;
      else if (sign === mark) {
        if (mark === '"' || this.#text[at + 1] !== mark) return at + 1;
        at += 1;
      }
    }
  }

  /** Offset behind the last character of plain text. */
  #plainEnd(first: string, inFlow: boolean): number {
    if (BAD_START.has(first) || this.#isEmpty(this.#at)) leave();
    if (INDICATORS.has(first) && this.#endsPlain(this.#at + 1, inFlow)) leave();
    let end = this.#at;
    for (let at = this.#at; ; at += 1) {
      const code = this.#code(at);
      if (Number.isNaN(code) || code === NEWLINE) return end;
      if (code === SPACE || code === TAB) {
        if (this.#code(at + 1) === HASH) return end;
      } else if (code === COLON) {
        if (this.#endsPlain(at + 1, inFlow)) return end;
        end = at + 1;
      } else {
        if (inFlow && FLOW_SIGNS.has(code)) return end;
        end = at + 1;
      }
    }
  }

  #endsPlain(at: number, inFlow: boolean): boolean {
    return this.#isEmpty(at) || (inFlow && FLOW_SIGNS.has(this.#code(at)));
  }

  /**
   * A text behind `|` or `>`, and what is blank after it.
   * @param column of the collection that it belongs to
   */
  blockText(column: number): { at: number; value: string } {
    const offset = this.#at;
    this.#at += 1;
    if (this.is("-") || this.is("+")) this.#at += 1;
    const header = this.#text.slice(offset, this.#at);
    if (this.spaces()) this.comment();
    if (this.#code(this.#at) !== NEWLINE) leave();
    const begin = this.#at + 1;
    const end = this.#blockEnd(begin, column);
    const source = this.#text.slice(begin, end);
    const props: CST.Token[] = [
      { type: "block-scalar-header", offset, indent: column, source: header },
    ];
    const value = resolve({ type: "block-scalar", offset, indent: column, props, source });
    // Back to the end of the last line, if it has one: the next line begins as all others do.
    this.#at = this.#code(end - 1) === NEWLINE ? end - 1 : end;
    this.restOfLine();
    return { at: offset, value };
  }

  /** Offset behind the lines that are blank or indented as the first one that is not blank. */
  #blockEnd(begin: number, column: number): number {
    let indent = -1;
    for (let line = begin; line < this.#text.length; ) {
      let at = line;
      while (this.#code(at) === SPACE) at += 1;
      const isBlank = this.#code(at) === NEWLINE || at === this.#text.length;
      if (!isBlank) {
        if (indent === -1) indent = Math.max(column + 1, at - line);
        if (at - line < indent) return line;
      }
      line = this.#lineEnd(at) + 1;
    }
    return this.#text.length;
  }

  #lineEnd(from: number): number {
    const end = this.#text.indexOf("\n", from);
    return end === -1 ? this.#text.length : end;
  }

  /** NaN behind the end. */
  #code(at: number): number {
    return this.#text.charCodeAt(at);
  }

  #isEmpty(at: number): boolean {
    const code = this.#code(at);
    return code === SPACE || code === NEWLINE || code === TAB || Number.isNaN(code);
  }
}

function unquoted(source: string, offset: number): string {
  const inner = source.slice(1, -1);
  const mark = source[0];
  if (!inner.includes(mark === '"' ? "\\" : "'")) return inner;
  const type = mark === '"' ? "double-quoted-scalar" : "single-quoted-scalar";
  return resolve({ type, offset, indent: 0, source });
}

function typedValue(source: string): ScalarNode["value"] {
  const tag = typed.find(({ test }) => test.test(source));
  if (tag === undefined) return source;
  const resolved: unknown = tag.resolve(source, leave, { intAsBigInt: false });
  const value = isScalar(resolved) ? resolved.value : resolved;
  if (value === null || typeof value === "number" || typeof value === "boolean") return value;
  return leave();
}

/** The value of a scalar as the library understands it. */
function resolve(token: CST.FlowScalar | CST.BlockScalar): string {
  return CST.resolveAsScalar(token, true, leave).value;
}

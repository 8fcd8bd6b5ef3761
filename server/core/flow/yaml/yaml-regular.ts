import { CST, isScalar, Lexer, Schema } from "yaml";
import {
  addEntry,
  emptyMap,
  type LocatedNode,
  MAX_DEPTH,
  type ScalarNode,
} from "../read/located.ts";

/**
 * Reads the plain part of YAML that nearly all definitions keep to: block and flow maps and lists,
 * scalars of all styles, comments; no anchors, tags, directives, empty values, explicit keys, tabs
 * for layout or texts that run over several lines outside of `|` and `>`.
 *
 * The library splits the text into lexemes and says what scalars mean; only its grammar is left out,
 * which for ten thousand tasks takes more than a second. Whatever is not plain, mistakes included, is
 * left to the grammar of the library: it decides what is YAML and words all errors.
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

/** Thrown to leave: the text is not plain. */
const irregular = Symbol("irregular");

function leave(): never {
  throw irregular;
}

/** What the lexer uses as marks, and line ends of other systems. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const REFUSED = /[\x00-\x08\x0b-\x1f\ufeff]/;

const DOCUMENT = "\x02";
const SCALAR = "\x1f";
/** Longest key; beyond 1,024 characters YAML refuses it. */
const MAX_KEY = 512;

/** The types that plain text may have in YAML's core schema. */
const typed = new Schema({ schema: "core" }).tags.flatMap((tag) =>
  tag.collection === undefined && tag.default === true && tag.test !== undefined
    ? [{ test: tag.test, resolve: tag.resolve }]
    : [],
);
/** How text begins that may be a number, a truth value or null. */
const MAY_BE_TYPED = /^[-+.~\d]|^(?:null|true|false)$/i;
/** What plain text cannot begin with. */
const BAD_START = /^[\s,%|>@`]/;

interface Plain {
  /** Offset of the first character. */
  at: number;
  value: ScalarNode["value"];
  source: string;
}

/** Steps through the lexemes; each method begins at the first lexeme of what it reads. */
class RegularReader {
  readonly #restore: (value: string) => string;
  readonly #lexemes: Generator<string, void>;
  /** The lexeme to be read next; null at the end of the text. */
  #lexeme: string | null = null;
  /** Its offset, and that of its line. */
  #at = 0;
  #line = 0;
  /** Column of the first content of the line, from 0; −1 at the end of the text. */
  #column = -1;

  constructor(text: string, restore: (value: string) => string) {
    this.#restore = restore;
    this.#lexemes = new Lexer().lex(text);
    this.#take();
  }

  document(): LocatedNode {
    this.#blankLines();
    if (this.#lexeme !== DOCUMENT) leave();
    this.#lexeme = this.#next(); // it stands for no character
    this.#blankLines();
    const root = this.#block(1);
    return this.#column === -1 ? root : leave();
  }

  #next(): string | null {
    const { value, done } = this.#lexemes.next();
    return done === true ? null : value;
  }

  #step(length: number): void {
    this.#at += length;
    this.#lexeme = this.#next();
  }

  #take(): void {
    this.#step(this.#lexeme?.length ?? 0);
  }

  #is(lexeme: string): boolean {
    return this.#lexeme === lexeme;
  }

  #newline(): void {
    this.#take();
    this.#line = this.#at;
  }

  /** Steps over blanks. @returns whether there were any */
  #spaces(): boolean {
    const lexeme = this.#lexeme;
    if (lexeme === null || lexeme[0] !== " ") return false;
    if (lexeme.includes("\t")) leave();
    this.#take();
    return true;
  }

  /** From the start of a line to the next content. */
  #blankLines(): void {
    for (;;) {
      this.#spaces();
      if (this.#lexeme?.[0] === "#") this.#take();
      if (this.#lexeme !== "\n") break;
      this.#newline();
    }
    this.#column = this.#lexeme === null ? -1 : this.#at - this.#line;
  }

  /** From the end of a value to the next content. */
  #restOfLine(): void {
    if (this.#spaces() && this.#lexeme?.[0] === "#") this.#take();
    if (this.#lexeme === "\n") this.#newline();
    else if (this.#lexeme !== null) leave();
    this.#blankLines();
  }

  /** A value that begins on a line of its own. */
  #block(depth: number): LocatedNode {
    if (this.#lexeme === "-") return this.#list(depth);
    if (this.#lexeme === "{" || this.#lexeme === "[") {
      const node = this.#flow(depth);
      this.#restOfLine();
      return node;
    }
    return this.#map(this.#column, this.#scalar(), depth);
  }

  /** @param first its first key */
  #map(column: number, first: Plain, depth: number): LocatedNode {
    this.#enter(depth);
    const map = emptyMap(first.at);
    for (let scalar = first; ; scalar = this.#scalar()) {
      const key = this.#key(scalar);
      addEntry(map, { key, at: scalar.at, value: this.#valueOf(column, depth + 1) });
      if (this.#column < column) return map;
      if (this.#column > column || this.#lexeme === "-") leave();
    }
  }

  /** What stands behind a colon. @param column of the map */
  #valueOf(column: number, depth: number): LocatedNode {
    const isSpaced = this.#spaces();
    if (this.#lexeme !== "\n" && this.#lexeme?.[0] !== "#") {
      return isSpaced ? this.#inline(column, depth) : leave();
    }
    if (!isSpaced && this.#lexeme !== "\n") leave();
    if (this.#lexeme !== "\n") this.#take();
    this.#blankLines();
    const isBelow = this.#column > column || (this.#column === column && this.#lexeme === "-");
    return isBelow ? this.#block(depth) : leave();
  }

  #list(depth: number): LocatedNode {
    this.#enter(depth);
    const at = this.#at;
    const column = this.#column;
    const items: LocatedNode[] = [];
    while (this.#column === column && this.#lexeme === "-") {
      this.#take();
      if (!this.#spaces()) leave();
      items.push(this.#item(depth + 1));
    }
    if (this.#column > column) leave();
    return { kind: "list", at, items };
  }

  /** An item of a list: a value, or a map whose first key stands behind the dash. */
  #item(depth: number): LocatedNode {
    const column = this.#at - this.#line;
    if (!this.#isScalar()) return this.#inline(column, depth);
    const scalar = this.#scalar();
    if (this.#lexeme === ":") return this.#map(column, scalar, depth);
    this.#restOfLine();
    return this.#node(scalar);
  }

  /** A value that begins on the line of its key or dash, and the rest of its line. */
  #inline(column: number, depth: number): LocatedNode {
    const start = this.#lexeme?.[0];
    if (start === "|" || start === ">") return this.#blockScalar(column);
    const node = start === "{" || start === "[" ? this.#flow(depth) : this.#node(this.#scalar());
    this.#restOfLine();
    return node;
  }

  /** A collection in brackets. The lexer itself gives up on lines that are not indented enough. */
  #flow(depth: number): LocatedNode {
    this.#enter(depth);
    const at = this.#at;
    const isMap = this.#lexeme === "{";
    const end = isMap ? "}" : "]";
    const map = emptyMap(at);
    const items: LocatedNode[] = [];
    this.#take();
    this.#flowSpace();
    while (this.#lexeme !== end) {
      if (isMap) {
        const scalar = this.#scalar();
        const key = this.#key(scalar);
        if (!this.#spaces()) leave();
        addEntry(map, { key, at: scalar.at, value: this.#flowValue(depth + 1) });
      } else {
        items.push(this.#flowValue(depth + 1));
      }
      this.#flowSpace();
      if (this.#lexeme === ",") {
        this.#take();
        this.#flowSpace();
      } else if (this.#lexeme !== end) {
        leave();
      }
    }
    this.#take();
    return isMap ? map : { kind: "list", at, items };
  }

  #flowValue(depth: number): LocatedNode {
    const isFlow = this.#lexeme === "{" || this.#lexeme === "[";
    return isFlow ? this.#flow(depth) : this.#node(this.#scalar());
  }

  /** Blanks, line ends and comments inside a flow collection. */
  #flowSpace(): void {
    let isSpaced = this.#spaces();
    let isNewLine = false;
    for (;;) {
      if (this.#lexeme?.[0] === "#") {
        if (!isSpaced && !isNewLine) leave();
        this.#take();
      }
      if (this.#lexeme !== "\n") break;
      this.#newline();
      isNewLine = true;
      isSpaced = this.#spaces();
    }
  }

  #isScalar(): boolean {
    const start = this.#lexeme?.[0];
    return this.#lexeme === SCALAR || start === '"' || start === "'";
  }

  /** Plain text, or text in quotes, on one line. */
  #scalar(): Plain {
    if (!this.#isScalar()) leave();
    const isPlain = this.#lexeme === SCALAR;
    if (isPlain) this.#lexeme = this.#next(); // the mark stands for no character
    const source = this.#lexeme ?? leave();
    const at = this.#at;
    if (source === "" || source.includes("\n")) leave();
    this.#take();
    if (!isPlain) return { at, value: this.#quoted(source, at), source };
    if (BAD_START.test(source)) leave();
    return { at, value: MAY_BE_TYPED.test(source) ? typedValue(source) : source, source };
  }

  #quoted(source: string, offset: number): string {
    const mark = source[0];
    const inner = source.slice(1, -1);
    if (source.length < 2 || source.at(-1) !== mark) leave();
    if (!inner.includes(mark === '"' ? "\\" : "'")) return inner;
    const type = mark === '"' ? "double-quoted-scalar" : "single-quoted-scalar";
    return resolve({ type, offset, indent: 0, source });
  }

  #blockScalar(column: number): ScalarNode {
    const offset = this.#at;
    const header = this.#lexeme ?? leave();
    if (!/^[|>][-+]?$/.test(header)) leave();
    this.#take();
    if (this.#spaces() && this.#lexeme?.[0] === "#") this.#take();
    if (this.#lexeme !== "\n") leave();
    this.#newline();
    if (!this.#is(SCALAR)) leave();
    const source = this.#next() ?? leave();
    this.#step(source.length);
    if (source !== "" && !source.endsWith("\n") && this.#lexeme !== null) leave();
    this.#line = this.#at;
    this.#blankLines();
    const props: CST.Token[] = [
      { type: "block-scalar-header", offset, indent: column, source: header },
    ];
    const value = resolve({ type: "block-scalar", offset, indent: column, props, source });
    return this.#node({ at: offset, value, source: value });
  }

  /** The key that a scalar is, and its colon. */
  #key({ value, source }: Plain): string {
    if (this.#lexeme !== ":" || value === null || source.length > MAX_KEY) leave();
    this.#take();
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

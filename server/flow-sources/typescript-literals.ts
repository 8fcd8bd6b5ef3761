import { readTokens, type Token } from "./javascript-tokens.ts";

/**
 * Where the literals of a definition stand in a TypeScript file. What the code computes (spreads,
 * calls, conditions) is `other`: its place is known, what is in it is not.
 */
export type Literal =
  | { kind: "map"; at: number; entries: Map<string, LiteralEntry> }
  | { kind: "list"; at: number; items: Literal[] }
  | { kind: "text"; at: number; end: number }
  | { kind: "other"; at: number };

export interface LiteralEntry {
  /** Offset of the key. */
  at: number;
  value: Literal;
}

/** Objects in objects, and constants in constants, are followed this far. */
const MAX_DEPTH = 64;
const OPENING = new Set(["(", "[", "{"]);
const CLOSING = new Set([")", "]", "}"]);

/** The argument of the `flow(…)` call that the module exports, or null when none is to be found. */
export function findDefinition(text: string): { literal: Literal; callAt: number } | null {
  const reader = new Reader(readTokens(text));
  const call = reader.findCall();
  return call === null ? null : { literal: reader.argument(call), callAt: reader.offset(call) };
}

class Reader {
  readonly #tokens: readonly Token[];
  readonly #names: { flow: string; task: string };
  /** Token after the `=` of `const name = …`. */
  readonly #constants = new Map<string, number>();
  /** Each constant is read once, however often it is named. */
  readonly #read = new Map<number, Literal>();

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
    this.#names = { flow: this.#importedAs("flow"), task: this.#importedAs("task") };
    for (const [index, token] of tokens.entries()) {
      const name = tokens[index + 1];
      if (token.text !== "const" || name?.kind !== "word" || !this.#is(index + 2, "=")) continue;
      this.#constants.set(name.text, index + 3);
    }
  }

  offset(index: number): number {
    return this.#tokens[index]?.start ?? 0;
  }

  /** Index of the call's first token: the one exported by default, else the last one in the file. */
  findCall(): number | null {
    let found: number | null = null;
    for (const [index, token] of this.#tokens.entries()) {
      if (token.kind !== "word" || token.text !== this.#names.flow) continue;
      if (this.#is(index - 1, ".") || this.#is(index - 1, "function")) continue;
      if (!this.#is(index + 1, "(") && !this.#is(index + 1, "<")) continue;
      found = index;
      if (this.#is(index - 1, "default")) break;
    }
    return found;
  }

  /** The first argument of the call that begins at a token. */
  argument(call: number, depth = 0): Literal {
    let open = call + 1;
    // Type arguments hold no parenthesis that opens before the argument list in ordinary code.
    while (open < this.#tokens.length && !this.#is(open, "(")) open += 1;
    return this.#value(open + 1, depth + 1).literal;
  }

  #is(index: number, text: string): boolean {
    return this.#tokens[index]?.text === text;
  }

  /** The local name of what is imported as `{ name }` or `{ name as local }`. */
  #importedAs(name: string): string {
    const { length } = this.#tokens;
    for (let index = 0; index < length; index += 1) {
      if (!this.#is(index, "import")) continue;
      const names: Token[] = [];
      for (index += 1; index < length && !this.#is(index, "from"); index += 1) {
        const token = this.#tokens[index];
        if (token?.kind === "word") names.push(token);
      }
      if (!/^["']idem["']$/.test(this.#tokens[index + 1]?.text ?? "")) continue;
      const at = names.findIndex((token) => token.text === name);
      if (at !== -1) return (names[at + 1]?.text === "as" ? names[at + 2]?.text : name) ?? name;
    }
    return name;
  }

  /** One expression, and the index of the comma or bracket that ends it. */
  #value(index: number, depth: number): { literal: Literal; next: number } {
    const { literal, next: after } = this.#primary(index, depth);
    const word = this.#tokens[after];
    const asserted = word?.text === "as" || word?.text === "satisfies";
    const next = this.#endOfExpression(after);
    if (next === after || asserted) return { literal, next };
    return { literal: { kind: "other", at: this.offset(index) }, next };
  }

  #primary(index: number, depth: number): { literal: Literal; next: number } {
    const token = this.#tokens[index];
    const at = token?.start ?? 0;
    const other: Literal = { kind: "other", at };
    if (token === undefined || depth > MAX_DEPTH) return { literal: other, next: index };
    if (token.text === "{") return this.#map(index, depth);
    if (token.text === "[") return this.#list(index, depth);
    if (token.kind === "string" || token.kind === "template") {
      return { literal: { kind: "text", at, end: token.end }, next: index + 1 };
    }
    if (token.kind !== "word") return { literal: other, next: index };
    const called = this.#is(index + 1, "(") || this.#is(index + 1, "<");
    if (called && token.text === this.#names.task) {
      return { literal: this.argument(index, depth), next: this.#endOfExpression(index) };
    }
    const constant = this.#constants.get(token.text);
    const ends = [",", ")", "}", "]"].some((mark) => this.#is(index + 1, mark));
    if (constant === undefined || !ends) return { literal: other, next: index };
    return { literal: this.#constant(constant, depth), next: index + 1 };
  }

  #constant(index: number, depth: number): Literal {
    const known = this.#read.get(index);
    if (known !== undefined) return known;
    const { literal } = this.#value(index, depth + 1);
    this.#read.set(index, literal);
    return literal;
  }

  #map(open: number, depth: number): { literal: Literal; next: number } {
    const entries = new Map<string, LiteralEntry>();
    let index = open + 1;
    while (index < this.#tokens.length && !this.#is(index, "}")) {
      const key = this.#tokens[index];
      if (key !== undefined && this.#is(index + 1, ":") && key.kind !== "mark") {
        const { literal, next } = this.#value(index + 2, depth + 1);
        entries.set(keyText(key), { at: key.start, value: literal });
        index = next;
      } else {
        const shorthand =
          key?.kind === "word" && (this.#is(index + 1, ",") || this.#is(index + 1, "}"));
        const method = this.#methodName(index);
        if (shorthand) {
          entries.set(key.text, { at: key.start, value: this.#value(index, depth + 1).literal });
        } else if (method !== null) {
          entries.set(keyText(method), {
            at: method.start,
            value: { kind: "other", at: method.start },
          });
        }
        index = this.#endOfExpression(index);
      }
      if (this.#is(index, ",")) index += 1;
    }
    return { literal: { kind: "map", at: this.offset(open), entries }, next: index + 1 };
  }

  /** `run(ctx) {`, `async run(ctx) {`: the token with the name. */
  #methodName(index: number): Token | null {
    for (let at = index; at < index + 3; at += 1) {
      const token = this.#tokens[at];
      if (token === undefined || (token.kind === "mark" && token.text !== "*")) return null;
      if (this.#is(at + 1, "(") || this.#is(at + 1, "<")) return token;
    }
    return null;
  }

  #list(open: number, depth: number): { literal: Literal; next: number } {
    const items: Literal[] = [];
    let counted = true;
    let index = open + 1;
    while (index < this.#tokens.length && !this.#is(index, "]")) {
      // After a spread nobody knows the position of an item in the list.
      if (this.#is(index, "...")) counted = false;
      const { literal, next } = this.#value(index, depth + 1);
      if (counted) items.push(literal);
      index = this.#is(next, ",") ? next + 1 : next;
    }
    return { literal: { kind: "list", at: this.offset(open), items }, next: index + 1 };
  }

  /** Index of the comma or closing bracket at which the expression around `index` ends. */
  #endOfExpression(index: number): number {
    let depth = 0;
    for (let at = index; at < this.#tokens.length; at += 1) {
      const token = this.#tokens[at];
      if (token?.kind !== "mark") continue;
      if (depth === 0 && (token.text === "," || token.text === ";" || CLOSING.has(token.text))) {
        return at;
      }
      if (OPENING.has(token.text)) depth += 1;
      if (CLOSING.has(token.text)) depth -= 1;
    }
    return this.#tokens.length;
  }
}

function keyText(token: Token): string {
  return token.kind === "string" ? token.text.slice(1, -1) : token.text;
}

/**
 * Offset of one character of a text literal's value: steps over escapes. Falls back to the start of
 * the literal where it holds a placeholder or does not agree with the value.
 * @param index position in the value, UTF-16 code units from 0
 */
export function literalTextOffset(
  source: string,
  literal: Extract<Literal, { kind: "text" }>,
  value: string,
  index: number,
): number {
  let at = literal.at + 1;
  for (let taken = 0; taken < index; ) {
    if (at >= literal.end - 1 || source.startsWith("${", at)) return literal.at;
    const escaped = source[at] === "\\";
    if (escaped && source[at + 1] === "\n") {
      at += 2;
      continue;
    }
    if (!escaped && source[at] !== value[taken]) return literal.at;
    const whole = (value.codePointAt(taken) ?? 0) > 0xffff;
    taken += escaped && whole && source.startsWith("\\u{", at) ? 2 : 1;
    at += escaped ? escapeLength(source, at) : 1;
  }
  return at;
}

function escapeLength(source: string, at: number): number {
  const letter = source[at + 1];
  if (letter === "x") return 4;
  if (letter !== "u") return 2;
  return source[at + 2] === "{" ? source.indexOf("}", at) - at + 1 : 6;
}

export type PatternNode =
  | { kind: "character"; accepts: (character: string) => boolean }
  | { kind: "assert"; holds: (text: readonly string[], at: number) => boolean }
  | { kind: "sequence"; parts: PatternNode[] }
  | { kind: "choice"; parts: PatternNode[] }
  | { kind: "repeat"; part: PatternNode; min: number; max: number | null };

const MAX_LENGTH = 1_000;
const MAX_NESTING = 50;

/**
 * Reads an ECMAScript regular expression in Unicode mode.
 * @throws Error in one sentence when it is malformed or uses look-around or back-references
 */
export function parsePattern(source: string): PatternNode {
  if (source.length > MAX_LENGTH) {
    throw new Error(`The pattern is longer than ${MAX_LENGTH} characters.`);
  }
  try {
    new RegExp(source, "u");
  } catch {
    throw new Error("The pattern is no valid regular expression.");
  }
  return new PatternParser(source).parse();
}

/** One character: a class, an escape (surrogate pairs count as one), or itself. */
const ATOM =
  /^(?:\[(?:\\.|[^\]\\])*\]|\\(?:[pu]\{[^}]*\}|ud[89ab][\da-f]{2}\\ud[c-f][\da-f]{2}|u[\da-f]{4}|x[\da-f]{2}|c[a-z]|.)|.)/isu;

/** Relies on the native engine having accepted the syntax, and only takes it apart. */
class PatternParser {
  readonly #source: string;
  #at = 0;
  #nesting = 0;

  constructor(source: string) {
    this.#source = source;
  }

  parse(): PatternNode {
    const parts = [this.#sequence()];
    while (this.#eat("|")) parts.push(this.#sequence());
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: "choice", parts };
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = [];
    while (this.#at < this.#source.length && !"|)".includes(this.#peek())) {
      parts.push(this.#quantified(this.#atom()));
    }
    return { kind: "sequence", parts };
  }

  #quantified(part: PatternNode): PatternNode {
    const found = /^(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/.exec(this.#source.slice(this.#at));
    if (found === null) return part;
    this.#at += found[0].length;
    const [, sign, low, comma, high] = found;
    if (sign !== undefined) {
      return { kind: "repeat", part, min: sign === "+" ? 1 : 0, max: sign === "?" ? 1 : null };
    }
    const min = Number(low);
    const max = comma === undefined ? min : high === "" ? null : Number(high);
    if (min > MAX_LENGTH || (max ?? 0) > MAX_LENGTH) {
      throw new Error(`The pattern repeats something more than ${MAX_LENGTH} times.`);
    }
    return { kind: "repeat", part, min, max };
  }

  #atom(): PatternNode {
    if (this.#eat("^")) return { kind: "assert", holds: (_, at) => at === 0 };
    if (this.#eat("$")) return { kind: "assert", holds: (text, at) => at === text.length };
    if (this.#eat("(")) return this.#group();
    const rest = this.#source.slice(this.#at);
    if (/^\\[bB]/.test(rest)) {
      this.#at += 2;
      const inside = rest[1] === "b";
      return { kind: "assert", holds: (text, at) => isBoundary(text, at) === inside };
    }
    if (/^\\[1-9k]/.test(rest)) throw new Error("The pattern uses a back-reference.");
    const text = ATOM.exec(rest)?.[0] ?? rest;
    this.#at += text.length;
    // One character against one atom: native matching cannot backtrack here.
    const single = new RegExp(`^(?:${text})$`, "u");
    return { kind: "character", accepts: (character) => single.test(character) };
  }

  #group(): PatternNode {
    const rest = this.#source.slice(this.#at);
    const prefix = /^\?(?::|<(?![=!])[^>]*>)/.exec(rest)?.[0] ?? "";
    if (prefix === "" && rest.startsWith("?")) throw new Error("The pattern uses look-around.");
    this.#at += prefix.length;
    this.#nesting += 1;
    if (this.#nesting > MAX_NESTING) {
      throw new Error(`The pattern nests groups more than ${MAX_NESTING} deep.`);
    }
    const inner = this.parse();
    this.#nesting -= 1;
    this.#eat(")");
    return inner;
  }

  #peek(): string {
    return this.#source[this.#at] ?? "";
  }

  #eat(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at += 1;
    return true;
  }
}

function isBoundary(text: readonly string[], at: number): boolean {
  const isWord = (character: string | undefined) => /^\w$/.test(character ?? "");
  return isWord(text[at - 1]) !== isWord(text[at]);
}

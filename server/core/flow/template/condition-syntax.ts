export type StatusFunction = "success" | "failure" | "always";
export type ComparisonOperator = "==" | "!=" | "<" | "<=" | ">" | ">=" | "contains";

/** A Liquid expression and where it stands in the condition. */
export interface ConditionExpression {
  text: string;
  index: number;
}

export type ConditionNode =
  | { kind: "status"; name: StatusFunction }
  | { kind: "and" | "or"; parts: ConditionNode[] }
  | { kind: "not"; part: ConditionNode }
  | { kind: "value"; expression: ConditionExpression }
  | {
      kind: "comparison";
      operator: ComparisonOperator;
      left: ConditionExpression;
      right: ConditionExpression;
    };

/** A condition that cannot be read; `index` is the position of the first character that is wrong. */
export class ConditionError extends Error {
  override readonly name = "ConditionError";
  readonly index: number;
  readonly fix: string;

  constructor(message: string, fix: string, index: number) {
    super(message);
    this.index = index;
    this.fix = fix;
  }
}

const MAX_LENGTH = 2_000;
const MAX_NESTING = 50;
const STATUS = /(success|failure|always)\s*\(\s*\)/y;
const CALL = /([A-Za-z_]\w*)\s*\(/y;
const OPERATOR = /==|!=|<=|>=|<|>|contains(?![\w-])/y;
const STRING = /"[^"]*"|'[^']*'/y;
const NUMBER = /-?\d+(?:\.\d+)?(?![\w.])/y;
/** A path such as `tasks.extract.output["a key"][0]`, or true, false, nil, null, empty, blank. */
const PATH = /[A-Za-z_][\w-]*(?:\.[\w-]+|\[\s*(?:"[^"]*"|'[^']*'|-?\d+|[A-Za-z_][\w.-]*)\s*\])*/y;
const FILTER = /\s*\|(?!\|)\s*[A-Za-z_]\w*/y;
const COMMON_FIX =
  'Write for example: failure(), params.mode == "full", or tasks.check.output.rows > 0.';

export interface ParsedCondition {
  root: ConditionNode;
  usesStatus: boolean;
  expressions: ConditionExpression[];
}

/** @throws ConditionError */
export function parseConditionText(text: string): ParsedCondition {
  if (text.length > MAX_LENGTH) {
    throw new ConditionError(
      `The condition is longer than ${MAX_LENGTH} characters.`,
      "Move the decision into a task and read its output.",
      0,
    );
  }
  const parser = new ConditionParser(text);
  const root = parser.parse();
  return { root, usesStatus: parser.usesStatus, expressions: parser.expressions };
}

class ConditionParser {
  readonly expressions: ConditionExpression[] = [];
  usesStatus = false;
  readonly #text: string;
  #at = 0;
  #nesting = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): ConditionNode {
    const root = this.#any();
    this.#space();
    if (this.#at < this.#text.length) this.#fail("is not expected here");
    return root;
  }

  #any(): ConditionNode {
    return this.#joined("or", ["||", "or"], () =>
      this.#joined("and", ["&&", "and"], () => this.#negated()),
    );
  }

  #joined(kind: "and" | "or", words: string[], next: () => ConditionNode): ConditionNode {
    const first = next();
    const parts = [first];
    while (words.some((word) => this.#word(word))) parts.push(next());
    return parts.length === 1 ? first : { kind, parts };
  }

  #negated(): ConditionNode {
    this.#space();
    const isNot = this.#word("not") || (this.#text[this.#at + 1] !== "=" && this.#word("!"));
    if (!isNot) return this.#compared();
    this.#enter();
    const part = this.#negated();
    this.#nesting -= 1;
    return { kind: "not", part };
  }

  #compared(): ConditionNode {
    this.#space();
    if (this.#word("(")) {
      this.#enter();
      const inner = this.#any();
      this.#nesting -= 1;
      if (!this.#word(")")) this.#fail("stands where ) is missing");
      return inner;
    }
    const status = this.#match(STATUS);
    if (status !== null) {
      this.usesStatus = true;
      return { kind: "status", name: status[1] as StatusFunction };
    }
    const left = this.#expression();
    this.#space();
    const operator = this.#match(OPERATOR)?.[0] as ComparisonOperator | undefined;
    if (operator === undefined) return { kind: "value", expression: left };
    return { kind: "comparison", operator, left, right: this.#expression() };
  }

  #expression(): ConditionExpression {
    this.#space();
    const index = this.#at;
    this.#value();
    while (this.#match(FILTER) !== null) {
      this.#space();
      if (!this.#word(":")) continue;
      do this.#value();
      while (this.#word(","));
    }
    const expression = { text: this.#text.slice(index, this.#at), index };
    this.expressions.push(expression);
    return expression;
  }

  #value(): void {
    this.#space();
    const call = this.#peek(CALL);
    if (call !== null) {
      this.#fail("is no function of conditions", "Use success(), failure() or always().");
    }
    const found = this.#match(STRING) ?? this.#match(NUMBER) ?? this.#match(PATH);
    if (found === null) this.#fail("stands where a value is expected");
  }

  #enter(): void {
    this.#nesting += 1;
    if (this.#nesting > MAX_NESTING) this.#fail(`is nested more than ${MAX_NESTING} deep`);
  }

  #space(): void {
    while (/\s/.test(this.#text[this.#at] ?? "")) this.#at += 1;
  }

  /** Takes a sign, or a word that does not go on. */
  #word(word: string): boolean {
    this.#space();
    if (!this.#text.startsWith(word, this.#at)) return false;
    const after = this.#text[this.#at + word.length] ?? "";
    if (/[a-z]/.test(word) && /[\w.-]/.test(after)) return false;
    this.#at += word.length;
    return true;
  }

  #peek(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text);
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    const found = this.#peek(pattern);
    if (found !== null) this.#at += found[0].length;
    return found;
  }

  #fail(what: string, fix = COMMON_FIX): never {
    const rest = this.#text.slice(this.#at);
    if (rest.trim() === "") {
      throw new ConditionError("The condition ends where a value is expected.", fix, this.#at);
    }
    const word = /^(?:[\w.]+\s*\(\s*\)?|[\w.-]+|\S)/.exec(rest)?.[0] ?? rest;
    throw new ConditionError(`In the condition, "${word}" ${what}.`, fix, this.#at);
  }
}

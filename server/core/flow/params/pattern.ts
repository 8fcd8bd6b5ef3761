import { type PatternNode, parsePattern } from "./pattern-syntax.ts";

/** Bounds the work of one match to this many steps for each character of the text. */
const MAX_STATES = 500;

export interface Pattern {
  test(text: string): boolean;
}

type State =
  | { kind: "step"; accepts: (character: string) => boolean; next: number }
  | { kind: "fork"; next: number; other: number }
  | { kind: "assert"; holds: (text: readonly string[], at: number) => boolean; next: number }
  | { kind: "end" };

/**
 * Compiles an ECMAScript regular expression (Unicode mode, without look-around and back-references)
 * to an automaton whose running time is linear in the text, whatever the expression: authors'
 * expressions meet anybody's values in the web process, where backtracking could block it.
 * @throws Error in one sentence when the expression is malformed, unsupported or too large
 * Source: Thompson, "Regular Expression Search Algorithm", 1968
 */
export function compilePattern(source: string): Pattern {
  const automaton = new Automaton();
  const start = automaton.build(parsePattern(source), 0);
  return { test: (text) => matches(automaton.states, start, [...text]) };
}

class Automaton {
  readonly states: State[] = [{ kind: "end" }];
  #visits = 0;

  #add(state: State): number {
    if (this.states.length >= MAX_STATES) throw new Error("The pattern is too large.");
    return this.states.push(state) - 1;
  }

  /** Adds the states of `node` in front of the state `next`; returns the first of them. */
  build(node: PatternNode, next: number): number {
    this.#visits += 1;
    if (this.#visits > 10 * MAX_STATES) throw new Error("The pattern is too large.");
    switch (node.kind) {
      case "character":
        return this.#add({ kind: "step", accepts: node.accepts, next });
      case "assert":
        return this.#add({ kind: "assert", holds: node.holds, next });
      case "sequence":
        return node.parts.reduceRight((after, part) => this.build(part, after), next);
      case "choice":
        return node.parts
          .map((part) => this.build(part, next))
          .reduceRight((other, first) => this.#add({ kind: "fork", next: first, other }));
      case "repeat": {
        let entry = next;
        if (node.max === null) {
          entry = this.#add({ kind: "fork", next, other: next });
          this.states[entry] = { kind: "fork", next: this.build(node.part, entry), other: next };
        } else {
          for (let count = node.min; count < node.max; count += 1) {
            entry = this.#add({ kind: "fork", next: this.build(node.part, entry), other: next });
          }
        }
        for (let count = 0; count < node.min; count += 1) {
          entry = this.build(node.part, entry);
        }
        return entry;
      }
    }
  }
}

/** Runs all states at once. The expression may match anywhere, as JSON Schema asks. */
function matches(states: readonly State[], start: number, text: readonly string[]): boolean {
  let current: number[] = [];
  const reachedAt = new Int32Array(states.length).fill(-1);
  for (let at = 0; at <= text.length; at += 1) {
    const steps: number[] = [];
    const open = [...current, start];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (reachedAt[id] === at) continue;
      reachedAt[id] = at;
      const state = states[id];
      if (state?.kind === "end") return true;
      if (state?.kind === "step") steps.push(id);
      if (state?.kind === "fork") open.push(state.other, state.next);
      if (state?.kind === "assert" && state.holds(text, at)) open.push(state.next);
    }
    const character = text[at];
    if (character === undefined) return false;
    current = steps.flatMap((id) => {
      const state = states[id];
      return state?.kind === "step" && state.accepts(character) ? [state.next] : [];
    });
  }
  return false;
}

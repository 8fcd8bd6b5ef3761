import type { DefinitionCode, Position, Problem } from "../errors.ts";

/** A file is refused with all of its problems, but nobody reads more than this many at a time. */
export const MAX_PROBLEMS = 50;

/** Collects the problems of one definition, each of them once. */
export class ProblemList {
  readonly #problems: Problem[] = [];
  readonly #seen = new Set<string>();

  /**
   * @param message the cause in one sentence
   * @param fix     what to do, in one sentence
   */
  add(code: DefinitionCode, position: Position, message: string, fix: string): void {
    if (this.isFull) return;
    const key = `${code} ${position.file}:${position.line}:${position.column} ${message}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#problems.push({ code, message, fix, position });
  }

  get isFull(): boolean {
    return this.#problems.length >= MAX_PROBLEMS;
  }

  get isEmpty(): boolean {
    return this.#problems.length === 0;
  }

  /** In the order of the file, so that they can be worked off from top to bottom. */
  sorted(): Problem[] {
    return [...this.#problems].sort(
      ({ position: a }, { position: b }) =>
        (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column,
    );
  }
}

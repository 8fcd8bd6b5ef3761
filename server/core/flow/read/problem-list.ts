import type { DefinitionCode, Position, Problem } from "../../errors.ts";

/** A file is refused with all of its problems, but nobody reads more than this many at a time. */
export const MAX_PROBLEMS = 50;

/** Collects the problems of one definition, each of them once. */
export class ProblemList {
  readonly #problems: Problem[] = [];
  readonly #seen = new Set<string>();
  readonly #closed = new Set<string>();

  /**
   * @param message the cause in one sentence
   * @param fix     what to do, in one sentence
   */
  add(code: DefinitionCode, position: Position, message: string, fix: string): void {
    if (this.isFull) return;
    const place = `${position.file}:${position.line}:${position.column}`;
    const key = `${code} ${place} ${message}`;
    if (this.#seen.has(key) || this.#closed.has(place)) return;
    this.#seen.add(key);
    this.#problems.push({ code, message, fix, position });
  }

  /** Refuses further problems at the places of those there are: they would only be echoes. */
  closePlaces(): void {
    for (const { position } of this.#problems) {
      this.#closed.add(`${position.file}:${position.line}:${position.column}`);
    }
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

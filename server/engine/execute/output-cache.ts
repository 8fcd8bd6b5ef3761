/** Outputs that this runner has stored, so that tasks downstream need not ask the database for them. */
import type { Json } from "../../core/flow/spec.ts";
import { storedForm } from "../../core/run/output.ts";

/** Outputs of some tasks of a run by ordinal; those that returned nothing are missing or null. */
export type ReadOutputs = (
  runId: string,
  ordinals: readonly number[],
) => Promise<ReadonlyMap<number, Json>>;

export interface OutputCacheOptions {
  /** Reads what is not known here. */
  read: ReadOutputs;
  maxEntries?: number;
  /** Of the outputs' JSON; characters, which is near enough. */
  maxCharacters?: number;
}

/** An output never changes once it is stored, so what is known stays true. */
export class OutputCache {
  readonly #options: Required<OutputCacheOptions>;
  readonly #known = new Map<string, { output: Json; characters: number }>();
  #characters = 0;

  constructor(options: OutputCacheOptions) {
    this.#options = { maxEntries: 10_000, maxCharacters: 4_000_000, ...options };
  }

  /** @param output what was stored; null when the task returned nothing */
  remember(runId: string, ordinal: number, output: Json): void {
    const key = keyOf(runId, ordinal);
    if (this.#known.has(key)) return;
    const characters = output === null ? 0 : JSON.stringify(output).length;
    this.#known.set(key, { output: storedForm(output), characters });
    this.#characters += characters;
    const { maxEntries, maxCharacters } = this.#options;
    for (const [oldest, entry] of this.#known) {
      if (this.#known.size <= maxEntries && this.#characters <= maxCharacters) return;
      this.#known.delete(oldest);
      this.#characters -= entry.characters;
    }
  }

  /** @throws what reading throws */
  async read(runId: string, ordinals: readonly number[]): Promise<ReadonlyMap<number, Json>> {
    const found = new Map<number, Json>();
    const unknown: number[] = [];
    for (const ordinal of ordinals) {
      const entry = this.#known.get(keyOf(runId, ordinal));
      if (entry === undefined) unknown.push(ordinal);
      else found.set(ordinal, entry.output);
    }
    if (unknown.length === 0) return found;
    return new Map([...found, ...(await this.#options.read(runId, unknown))]);
  }
}

const keyOf = (runId: string, ordinal: number): string => `${runId} ${ordinal}`;

/** Undoes what was started, in reverse order, however the benchmark ends. */

export type Undo = () => Promise<void> | void;

export class Cleanup {
  readonly #steps: Undo[] = [];
  #running: Promise<void> | null = null;

  /** @returns a function that undoes this step now instead of at the end */
  add(undo: Undo): () => Promise<void> {
    this.#steps.push(undo);
    return async () => {
      const index = this.#steps.indexOf(undo);
      if (index < 0) return;
      this.#steps.splice(index, 1);
      await undo();
    };
  }

  /** Undoes everything, also when a step fails. Calling it again waits for the same end. */
  run(): Promise<void> {
    this.#running ??= this.#undoAll();
    return this.#running;
  }

  async #undoAll(): Promise<void> {
    for (let undo = this.#steps.pop(); undo !== undefined; undo = this.#steps.pop()) {
      try {
        await undo();
      } catch (error) {
        process.stderr.write(`Cleaning up: ${error instanceof Error ? error.message : error}\n`);
      }
    }
  }
}

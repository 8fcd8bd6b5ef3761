import type { LogLine, LogPage } from "#server/core/run/attempt-view.ts";

/** Lines per block, the unit of loading. Blocks start at lines 1, 501, 1001, … */
export const BLOCK = 500;
/** Blocks kept in memory: 40,000 lines around where people have been. */
const KEPT_BLOCKS = 80;
/** Most lines one request may ask for. */
const MOST_LINES = 2_000;

export type FetchLines = (from: number, count: number) => Promise<LogPage>;

/** What the viewer shows besides lines. A new object after every change. */
export interface LogStatus {
  /** False until the first answer. */
  loaded: boolean;
  total: number;
  complete: boolean;
  truncated: boolean;
  firstErrorLine: number | null;
  /** The last request failed; what is shown stays. */
  error: unknown;
}

/**
 * The lines of one attempt's log, loaded in blocks as they come into view, and the tail as it grows.
 * Lines that are stored never change, so a loaded line is never loaded again.
 */
export class LogStore {
  readonly #fetch: FetchLines;
  readonly #blocks = new Map<number, (LogLine | undefined)[]>();
  readonly #listeners = new Set<() => void>();
  readonly #loading = new Set<number>();
  #wanted: number[] = [];
  #status: LogStatus = {
    loaded: false,
    total: 0,
    complete: false,
    truncated: false,
    firstErrorLine: null,
    error: null,
  };

  constructor(fetch: FetchLines) {
    this.#fetch = fetch;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  status = (): LogStatus => this.#status;

  /** Line `n` (1-based), or undefined while it is not loaded. */
  line(n: number): LogLine | undefined {
    return this.#blocks.get(blockOf(n))?.[(n - 1) % BLOCK];
  }

  /**
   * Asks for the lines that are in view. Only the newest wish counts: blocks that were wished for
   * on the way of a fast scroll and not yet requested are dropped.
   */
  want(first: number, last: number): void {
    this.#wanted = [];
    const end = Math.min(last, this.#status.total);
    for (let block = blockOf(Math.max(1, first)); block <= blockOf(Math.max(1, end)); block++) {
      this.#touch(block);
      if (!this.#isFull(block) && !this.#loading.has(block)) this.#wanted.push(block);
    }
    this.#pump();
  }

  /** Loads the newest lines, and how many there are. */
  async refresh(): Promise<void> {
    const { total } = this.#status;
    const from = this.line(total) === undefined ? firstOf(blockOf(Math.max(1, total))) : total + 1;
    await this.#load(from, MOST_LINES);
  }

  /** Lines of a range for copying, loaded where needed. At most `MOST_LINES` of them. */
  async lines(first: number, last: number): Promise<LogLine[]> {
    const page = await this.#fetch(first, Math.min(MOST_LINES, last - first + 1));
    return page.lines;
  }

  #pump(): void {
    while (this.#loading.size < 2) {
      const block = this.#wanted.shift();
      if (block === undefined) return;
      this.#loading.add(block);
      void this.#load(firstOf(block), BLOCK).finally(() => {
        this.#loading.delete(block);
        this.#pump();
      });
    }
  }

  async #load(from: number, count: number): Promise<void> {
    try {
      const page = await this.#fetch(from, count);
      for (const line of page.lines) this.#put(line);
      this.#evict();
      this.#set({
        loaded: true,
        // Answers may overtake each other; a log never shrinks.
        total: Math.max(page.total, this.#status.total),
        complete: page.complete || this.#status.complete,
        truncated: page.truncated,
        firstErrorLine: page.firstErrorLine,
        error: null,
      });
    } catch (error) {
      this.#set({ ...this.#status, error });
    }
  }

  #put(line: LogLine): void {
    const block = blockOf(line.n);
    let lines = this.#blocks.get(block);
    if (!lines) {
      lines = [];
      this.#blocks.set(block, lines);
    }
    lines[(line.n - 1) % BLOCK] = line;
  }

  #isFull(block: number): boolean {
    const lines = this.#blocks.get(block);
    if (!lines) return false;
    const size = Math.min(BLOCK, this.#status.total - firstOf(block) + 1);
    for (let i = 0; i < size; i++) if (lines[i] === undefined) return false;
    return true;
  }

  /** Moves a block to the end of the queue for eviction. */
  #touch(block: number): void {
    const lines = this.#blocks.get(block);
    if (!lines) return;
    this.#blocks.delete(block);
    this.#blocks.set(block, lines);
  }

  #evict(): void {
    for (const block of this.#blocks.keys()) {
      if (this.#blocks.size <= KEPT_BLOCKS) return;
      this.#blocks.delete(block);
    }
  }

  #set(status: LogStatus): void {
    this.#status = status;
    for (const listener of this.#listeners) listener();
  }
}

const blockOf = (line: number) => Math.floor((line - 1) / BLOCK);
const firstOf = (block: number) => block * BLOCK + 1;

/**
 * The database's clock as seen from this process. Runs, retries and schedules are timed by it: this
 * machine's own clock may be wrong, or be set while a task waits.
 */
export class DatabaseClock {
  #at = 0;
  #askedMs = 0;

  /**
   * @param at    what it showed, in milliseconds since 1970
   * @param asked when it was asked, by `performance.now()`
   */
  constructor(at: number, asked: number) {
    this.set(at, asked);
  }

  /** It has been asked again: what passed meanwhile is forgotten. Arguments as of the constructor. */
  set(at: number, asked: number): void {
    this.#at = at;
    this.#askedMs = asked;
  }

  /** Milliseconds since 1970, ahead by no more than asking took. */
  now(): number {
    return this.#at + performance.now() - this.#askedMs;
  }
}

/** A hot connection that is opened when needed and opened anew after it broke. */
import { setTimeout as sleep } from "node:timers/promises";
import { isConnectionError } from "../failures.ts";
import { connectHot, type HotConnection, type HotOptions } from "./queue-connection.ts";

const FIRST_DELAY_MS = 20;
const LONGEST_DELAY_MS = 1_000;

export class Channel {
  readonly #url: string;
  readonly #options: Omit<HotOptions, "onError">;
  #connection: Promise<HotConnection> | null = null;
  #delayMs = FIRST_DELAY_MS;
  #closed = false;

  constructor(url: string, options: Omit<HotOptions, "onError">) {
    this.#url = url;
    this.#options = options;
  }

  /**
   * Runs `work` on the connection, opening it if need be.
   * @throws what `work` throws. After a connection error the next call opens a new connection, and
   *   waits a little first when that happens again and again.
   */
  async use<T>(work: (connection: HotConnection) => Promise<T>): Promise<T> {
    if (this.#closed) throw new Error("the connection is closed");
    this.#connection ??= this.#open();
    const opening = this.#connection;
    try {
      const result = await work(await opening);
      this.#delayMs = FIRST_DELAY_MS;
      return result;
    } catch (error) {
      if (isConnectionError(error)) this.#drop(opening);
      throw error;
    }
  }

  #open(): Promise<HotConnection> {
    const waitMs = this.#delayMs > FIRST_DELAY_MS ? this.#delayMs : 0;
    this.#delayMs = Math.min(LONGEST_DELAY_MS, this.#delayMs * 2);
    const opening: Promise<HotConnection> = (async () => {
      if (waitMs > 0) await sleep(waitMs);
      // A connection that breaks while idle is replaced before the next statement.
      return connectHot(this.#url, { ...this.#options, onError: () => this.#drop(opening) });
    })();
    return opening;
  }

  #drop(broken: Promise<HotConnection>): void {
    if (this.#connection === broken) this.#connection = null;
    broken
      .then((connection) => connection.close())
      .catch(() => {
        // It is broken: there is nothing left to close in good order.
      });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const open = this.#connection;
    this.#connection = null;
    await (await open?.catch(() => null))?.close();
  }
}

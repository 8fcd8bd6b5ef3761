/** A hot connection that is opened when needed and opened anew after it broke. */
import { setTimeout as sleep } from "node:timers/promises";
import { connectHot, type HotConnection, type HotOptions } from "./queue-connection.ts";

const FIRST_DELAY_MS = 20;
const LONGEST_DELAY_MS = 1_000;

/**
 * True when an error says nothing about the statement but that the connection or the server failed:
 * whether the statement took effect is unknown then.
 */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error) || isFileError(error)) return false;
  const code = "code" in error ? error.code : undefined;
  // Errors of the server carry a five-character SQLSTATE; those of sockets and timeouts do not.
  if (typeof code !== "string" || !/^[0-9A-Z]{5}$/.test(code)) return true;
  return /^(08|57P0[1-5]|53300|25P03)/.test(code);
}

/** What a system says when files or folders cannot be made, read or written. */
const FILE_ERRORS = new Set(
  "EACCES EDQUOT EEXIST EFBIG EIO EISDIR ELOOP EMFILE ENAMETOOLONG ENFILE ENOENT ENOSPC ENOTDIR ENOTEMPTY EPERM EROFS".split(
    " ",
  ),
);

/** True for an error of this machine's files, which says nothing about the database. */
function isFileError(error: Error): boolean {
  if (!("code" in error && FILE_ERRORS.has(String(error.code)))) return false;
  // A server that is away leaves no socket in its folder, and a connection takes a descriptor too.
  return !("syscall" in error && error.syscall === "connect");
}

/** True when this machine has run out of room or of descriptors, which others may give back. */
export function isShortage(error: unknown): boolean {
  const code = error instanceof Error && isFileError(error) && "code" in error ? error.code : "";
  return code === "ENOSPC" || code === "EDQUOT" || code === "EMFILE" || code === "ENFILE";
}

/** Errors after which the same statement may well succeed. */
export function isRetryable(error: unknown): boolean {
  if (isConnectionError(error)) return true;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^(40001|40P01|53|55P03|57014|58)/.test(code);
}

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

/** The log of one attempt: lines of two streams and notices, in the order of their arrival. */
import { FirstErrorFinder, type FoundLine } from "../core/run/errors-in-log.ts";
import { type LogKey, mark } from "../db/logs.ts";
import { type LineMask, LineSplitter } from "./log-lines.ts";
import type { LogStore } from "./log-store.ts";

/** A chunk is sent when it has this many bytes, or when its first line is this old. */
const CHUNK_BYTES = 64 * 1024;
const CHUNK_AGE_MS = 150;
/** More than this on the way to the database: the task has to wait. */
const HIGH_WATER_BYTES = 1024 * 1024;
const LOW_WATER_BYTES = 256 * 1024;
/** More of a line than the search for errors reads. */
const FINDER_BYTES = 2_000;
const LINE_FEED = Buffer.from("\n");

export interface AttemptLogOptions {
  key: LogKey;
  store: Pick<LogStore, "store">;
  /** Most bytes kept, line feeds included; the rest is read and thrown away. */
  limitBytes: number;
  mask: LineMask | null;
}

type Stream = "stdout" | "stderr";

export class AttemptLog {
  readonly #options: AttemptLogOptions;
  readonly #splitters: Record<Stream, LineSplitter>;
  readonly #finder = new FirstErrorFinder();
  #parts: Buffer[] = [];
  #marks: number[] = [];
  #bytes = 0;
  #chunkSince: Date | null = null;
  #timer: NodeJS.Timeout | undefined;
  #seq = 0;
  #lines = 0;
  #keptBytes = 0;
  #truncated = false;
  #unstoredBytes = 0;
  #unstored = 0;
  #waiters: (() => void)[] = [];

  constructor(options: AttemptLogOptions) {
    this.#options = options;
    const splitter = (stream: Stream) =>
      new LineSplitter((bytes, continued) => this.#line(stream, bytes, continued), options.mask);
    this.#splitters = { stdout: splitter("stdout"), stderr: splitter("stderr") };
  }

  /** The line that tells best why the attempt failed, or null when the task wrote nothing. */
  get bestLine(): FoundLine | null {
    return this.#finder.best;
  }

  /**
   * Takes a part of a stream.
   * @returns false when the writer should wait for `drained`
   */
  write(stream: Stream, bytes: Buffer): boolean {
    if (!this.#truncated) this.#splitters[stream].write(bytes);
    return this.#unstoredBytes < HIGH_WATER_BYTES;
  }

  /** Resolves when there is room again. */
  async drained(): Promise<void> {
    while (this.#unstoredBytes > LOW_WATER_BYTES) await this.#stored();
  }

  /** A line of Idem's own, which no limit cuts off. */
  notice(text: string): void {
    this.#append(Buffer.from(text.replaceAll("\n", " ")), mark.notice);
  }

  /** The streams have ended: stores everything. Resolves when it is stored. */
  async end(): Promise<void> {
    this.#splitters.stdout.end();
    this.#splitters.stderr.end();
    this.#flush();
    while (this.#unstored > 0) await this.#stored();
  }

  #line(stream: Stream, bytes: Buffer, continued: boolean): void {
    if (this.#truncated) return;
    if (this.#keptBytes + bytes.length + 1 > this.#options.limitBytes) {
      this.#truncate();
      return;
    }
    this.#keptBytes += bytes.length + 1;
    const bits = (stream === "stderr" ? mark.stderr : 0) | (continued ? mark.continued : 0);
    this.#append(bytes, bits);
    if (!this.#finder.done) {
      this.#finder.read(this.#lines, bytes.toString("utf8", 0, FINDER_BYTES), stream);
    }
  }

  #truncate(): void {
    this.#truncated = true;
    const limit = this.#options.limitBytes;
    const size = limit % (1024 * 1024) === 0 ? `${limit / 1024 / 1024} MB` : `${limit} bytes`;
    this.#append(
      Buffer.from(`The log has reached its limit of ${size}; the rest is not kept.`),
      mark.notice | mark.truncated,
    );
  }

  #append(bytes: Buffer, bits: number): void {
    if (this.#marks.length > 0) this.#parts.push(LINE_FEED);
    this.#parts.push(bytes);
    this.#marks.push(bits);
    this.#bytes += bytes.length + 1;
    this.#lines += 1;
    this.#chunkSince ??= new Date();
    if (this.#bytes >= CHUNK_BYTES) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), CHUNK_AGE_MS);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#chunkSince === null) return;
    const body = Buffer.concat(this.#parts);
    const chunk = {
      ...this.#options.key,
      seq: this.#seq,
      firstLine: this.#lines - this.#marks.length + 1,
      at: this.#chunkSince,
      body,
      marks: Buffer.from(this.#marks),
    };
    this.#seq += 1;
    this.#parts = [];
    this.#marks = [];
    this.#bytes = 0;
    this.#chunkSince = null;
    this.#unstored += 1;
    this.#unstoredBytes += body.length;
    void this.#options.store.store(chunk).then(() => {
      this.#unstored -= 1;
      this.#unstoredBytes -= body.length;
      const waiters = this.#waiters;
      this.#waiters = [];
      for (const resolve of waiters) resolve();
    });
  }

  #stored(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }
}

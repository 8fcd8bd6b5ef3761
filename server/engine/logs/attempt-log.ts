/** The log of one attempt: lines of two streams and notices, in the order of their arrival. */
import { FirstErrorFinder, type FoundLine } from "../../core/run/errors-in-log.ts";
import { type LogKey, mark } from "../../db/run/logs.ts";
import { type LineMask, LineSplitter } from "./log-lines.ts";
import type { LogStore } from "./log-store.ts";

/** A chunk is sent when it has this many bytes, or when its first line is this old. */
const CHUNK_BYTES = 64 * 1024;
const CHUNK_AGE_MS = 150;
/** More than this on the way to the database: the task has to wait. */
const HIGH_WATER_BYTES = 512 * 1024;
const LOW_WATER_BYTES = 128 * 1024;
/** More of a line than the search for errors reads. */
const FINDER_BYTES = 2_000;
const LINE_FEED = Buffer.from("\n");

export interface AttemptLogOptions {
  key: LogKey;
  store: Pick<LogStore, "store">;
  /** Most bytes kept, line feeds included; the rest is read and thrown away. */
  limitBytes: number;
  mask: LineMask | null;
  /** The time of a line. */
  now: () => Date;
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
      new LineSplitter(
        (bytes, count, continued) => this.#take(stream, bytes, count, continued),
        options.mask,
      );
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

  /** A line of Idem's own, which no limit cuts off. @returns its number, from 1 */
  notice(text: string): number {
    this.#append(Buffer.from(text.replaceAll("\n", " ")), mark.notice);
    return this.#lines;
  }

  /** The streams have ended: stores everything. Resolves when it is stored. */
  async end(): Promise<void> {
    this.#splitters.stdout.end();
    this.#splitters.stderr.end();
    this.#flush();
    while (this.#unstored > 0) await this.#stored();
  }

  #take(stream: Stream, bytes: Buffer, count: number, continued: boolean): void {
    if (this.#truncated) return;
    const size = bytes.length + 1;
    if (this.#keptBytes + size > this.#options.limitBytes) {
      // The last lines that fit are kept one by one.
      if (count > 1) for (const line of linesOf(bytes)) this.#take(stream, line, 1, continued);
      else this.#truncate();
      return;
    }
    this.#keptBytes += size;
    const bits = (stream === "stderr" ? mark.stderr : 0) | (continued ? mark.continued : 0);
    const before = this.#lines;
    this.#append(bytes, bits, count);
    if (!this.#finder.done) this.#find(stream, bytes, before, count);
  }

  /** Looks for the line that tells why, in lines of which most tell nothing. */
  #find(stream: Stream, bytes: Buffer, before: number, count: number): void {
    const text = (line: Buffer) => line.toString("utf8", 0, FINDER_BYTES);
    if (count === 1) {
      this.#finder.read(before + 1, text(bytes), stream);
      return;
    }
    const lines = [
      ...linesOf(this.#finder.mustRead(bytes.toString("latin1")) ? bytes : lastOf(bytes)),
    ];
    const first = before + count - lines.length + 1;
    lines.forEach((line, index) => {
      this.#finder.read(first + index, text(line), stream);
    });
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

  #append(bytes: Buffer, bits: number, count = 1): void {
    if (this.#marks.length > 0) this.#parts.push(LINE_FEED);
    this.#parts.push(bytes);
    for (let i = 0; i < count; i++) this.#marks.push(bits);
    this.#bytes += bytes.length + 1;
    this.#lines += count;
    this.#chunkSince ??= this.#options.now();
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

function* linesOf(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; ; ) {
    const feed = bytes.indexOf("\n", start);
    yield bytes.subarray(start, feed < 0 ? bytes.length : feed);
    if (feed < 0) return;
    start = feed + 1;
  }
}

/** The end of some lines, from the last one on that is not empty. */
function lastOf(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && [0x0a, 0x0d, 0x20, 0x09].includes(bytes[end - 1] ?? 0)) end -= 1;
  return bytes.subarray(end === 0 ? 0 : bytes.lastIndexOf("\n", end - 1) + 1);
}

/**
 * Pipes for the output of programs. Node connects children by sockets, on which `/dev/stdout` and
 * `/dev/stderr` cannot be opened: `echo late > /dev/stderr` would fail. Named pipes can; they are
 * made in advance, since Node cannot make them, and used again.
 */
import { execFile } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Paths of two named pipes. */
interface Pair {
  stdout: string;
  stderr: string;
}

/** Two pipes that are open for reading, and wait for a writer. */
export interface OpenPipes {
  paths: Pair;
  /** Begins to read. A writer must have opened the pipes by now, or they end at once. */
  read(): { stdout: Readable; stderr: Readable };
  /** @param ended false when a writer may be left: these pipes are not used again then */
  release(ended: boolean): void;
  /**
   * Closes pipes that have not been read.
   * @param unused false when a writer may have come: these pipes are not used again then
   */
  discard(unused: boolean): void;
}

export class PipePool {
  readonly #folder: string;
  readonly #free: Pair[] = [];
  #made = 0;
  #making: Promise<void> | null = null;

  /** @param folder for the pipes; created when needed */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes pipes in advance. */
  async prepare(count: number): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const pairs = Array.from({ length: count }, () => this.#name());
    const paths = pairs.flatMap(({ stdout, stderr }) => [stdout, stderr]);
    await run("mkfifo", ["-m", "600", ...paths]);
    this.#free.push(...pairs);
  }

  /** @throws when no pipe can be made or opened */
  async open(): Promise<OpenPipes> {
    while (this.#free.length === 0) {
      this.#making ??= this.prepare(4).finally(() => {
        this.#making = null;
      });
      await this.#making;
    }
    const paths = this.#free.pop() as Pair;
    // Without waiting for a writer, who can then open the pipe without waiting for a reader.
    const flags = constants.O_RDONLY | constants.O_NONBLOCK;
    const stdout = openSync(paths.stdout, flags);
    let stderr: number;
    try {
      stderr = openSync(paths.stderr, flags);
    } catch (error) {
      closeSync(stdout);
      throw error;
    }
    const stream = (fd: number) => new Socket({ fd, readable: true, writable: false });
    return {
      paths,
      read: () => ({ stdout: stream(stdout), stderr: stream(stderr) }),
      release: (ended) => {
        if (ended) this.#free.push(paths);
      },
      discard: (unused) => {
        closeSync(stdout);
        closeSync(stderr);
        if (unused) this.#free.push(paths);
      },
    };
  }

  #name(): Pair {
    this.#made += 1;
    const path = join(this.#folder, String(this.#made));
    return { stdout: `${path}.out`, stderr: `${path}.err` };
  }
}

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

export interface OpenPipes {
  stdout: Readable;
  stderr: Readable;
  /** For the child: what it writes to. */
  descriptors: [number, number];
  /** The child has its own by now. Without this the pipes never end. */
  closeDescriptors(): void;
  /** @param ended false when a writer may be left: these pipes are not used again then */
  release(ended: boolean): void;
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
    const pair = this.#free.pop() as Pair;
    const opened: number[] = [];
    const open = (path: string, flags: number): number => {
      const descriptor = openSync(path, flags);
      opened.push(descriptor);
      return descriptor;
    };
    try {
      // The reader first, and without waiting for a writer; then the writer finds a reader.
      const reader = constants.O_RDONLY | constants.O_NONBLOCK;
      const readers = [open(pair.stdout, reader), open(pair.stderr, reader)] as const;
      const descriptors: [number, number] = [
        open(pair.stdout, constants.O_WRONLY),
        open(pair.stderr, constants.O_WRONLY),
      ];
      const stream = (fd: number) => new Socket({ fd, readable: true, writable: false });
      return {
        stdout: stream(readers[0]),
        stderr: stream(readers[1]),
        descriptors,
        closeDescriptors: () => {
          for (const descriptor of descriptors) closeSync(descriptor);
        },
        release: (ended) => {
          if (ended) this.#free.push(pair);
        },
      };
    } catch (error) {
      for (const descriptor of opened) closeSync(descriptor);
      throw error;
    }
  }

  #name(): Pair {
    this.#made += 1;
    const path = join(this.#folder, String(this.#made));
    return { stdout: `${path}.out`, stderr: `${path}.err` };
  }
}

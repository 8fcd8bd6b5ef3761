/** Warm workers: one spare that is ready for anything, and idle ones that have loaded a bundle. */

import type { Watchdog } from "../watchdog/watchdog-link.ts";
import { WorkerProcess } from "./worker-process.ts";

/** After so many calls a worker is replaced, so that what leaks does not grow for ever. */
const MAX_CALLS = 500;
const IDLE_LIMIT_MS = 60_000;
const LOOK_MS = 10_000;

export interface WorkerPoolOptions {
  runnerToken: string;
  watchdog: Pick<Watchdog, "watch" | "unwatch">;
  home: string;
  /** Most idle workers; the one idle for the longest goes first. */
  maxIdle: number;
  /** Told when the folder that a worker kept could not be removed. */
  onLeftover: (error: unknown) => void;
}

export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #all = new Set<WorkerProcess>();
  readonly #idle: WorkerProcess[] = [];
  #spare: WorkerProcess | null = null;
  readonly #timer: NodeJS.Timeout;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#spare = this.#start();
    this.#timer = setInterval(() => this.#retire(), LOOK_MS);
    this.#timer.unref();
  }

  /** A worker for a bundle, the one that has loaded it if there is one. Give it back. */
  take(bundle: string): WorkerProcess {
    const index = this.#idle.findLastIndex((worker) => worker.bundle === bundle && worker.alive);
    const [known] = index < 0 ? [] : this.#idle.splice(index, 1);
    if (known !== undefined) return known;
    const fresh = this.#spare?.alive === true ? this.#spare : this.#start();
    this.#spare = this.#start();
    fresh.bundle = bundle;
    return fresh;
  }

  /** One that is not alive any more is not used again. */
  giveBack(worker: WorkerProcess): void {
    if (!worker.alive || worker.calls >= MAX_CALLS) {
      void this.#end(worker);
      return;
    }
    worker.idleSince = performance.now();
    this.#idle.push(worker);
    if (this.#idle.length > this.#options.maxIdle) this.#endOldest();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#all].map((worker) => this.#end(worker)));
  }

  #start(): WorkerProcess {
    const { runnerToken, watchdog, home } = this.#options;
    const worker = new WorkerProcess(runnerToken, watchdog, home);
    this.#all.add(worker);
    return worker;
  }

  async #end(worker: WorkerProcess): Promise<void> {
    this.#all.delete(worker);
    await worker.kill();
    await worker.workdir?.remove().catch((error: unknown) => this.#options.onLeftover(error));
  }

  #endOldest(): void {
    const oldest = this.#idle.shift();
    if (oldest !== undefined) void this.#end(oldest);
  }

  #retire(): void {
    const limit = performance.now() - IDLE_LIMIT_MS;
    while (this.#idle[0] !== undefined && this.#idle[0].idleSince < limit) this.#endOldest();
  }
}

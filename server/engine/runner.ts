/** One runner: registration, lease, dispatcher, scheduler role, drain. */
import { hostname } from "node:os";
import type { Pool } from "pg";
import { createPool } from "../db/connection.ts";
import { CANCEL_CHANNEL, createPublisher, type Publisher, READY_CHANNEL } from "../db/notify.ts";
import { type Listener, listen } from "../db/notify-listener.ts";
import { Channel } from "../db/queue-channel.ts";
import { drainRunner, registerRunner, renewLease, stopRunner } from "../db/runners.ts";
import { Dispatcher } from "./dispatcher.ts";
import { createExecutor } from "./executor.ts";
import { Lease } from "./lease.ts";
import { Scheduler } from "./scheduler.ts";
import type { RunnerSettings } from "./settings.ts";
import { SettleQueue } from "./settle-queue.ts";

/** Two batches of successes may be on their way at a time. */
const COMPLETE_CHANNELS = 2;
const POOL_SIZE = 6;
/** How often to look for ready tasks without having been woken. */
const POLL_MS = 1_000;
/** How often to compare with what the database says this runner holds. */
const COMPARE_MS = 5_000;
/** After tasks have been killed: how long to wait for their reports to be stored. */
const HAND_BACK_MS = 5_000;

export interface RunnerOptions {
  settings: RunnerSettings;
  version: string;
  log: RunnerLog;
  /** The runner has been given up by the others and must end; its tasks are killed already. */
  onLost: () => void;
}

export interface RunnerLog {
  info(message: string): void;
  warn(message: string, error?: unknown): void;
}

export class Runner {
  readonly #options: RunnerOptions;
  readonly #pool: Pool;
  readonly #publisher: Publisher;
  readonly #channels: { heartbeat: Channel; claim: Channel; complete: Channel[] };
  readonly #dispatcher: Dispatcher;
  readonly #settle: SettleQueue;
  readonly #lease: Lease;
  readonly #scheduler: Scheduler;
  readonly #listener: Listener;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly id: string;

  /**
   * Registers a runner and starts it.
   * @throws the driver's error when the database cannot be reached
   */
  static async start(options: RunnerOptions): Promise<Runner> {
    const { settings, version, log } = options;
    const pool = createPool(settings.databaseUrl, {
      name: "idem runner",
      max: POOL_SIZE,
      onError: (error) => log.warn("A database connection broke", error),
    });
    const since = performance.now();
    const id = await registerRunner(
      pool,
      {
        name: settings.name,
        host: hostname(),
        pid: process.pid,
        version,
        slots: settings.slots,
      },
      settings.leaseMs,
    );
    return new Runner(options, pool, id, since);
  }

  private constructor(options: RunnerOptions, pool: Pool, id: string, since: number) {
    const { settings, log } = options;
    this.#options = options;
    this.#pool = pool;
    this.id = id;
    this.#publisher = createPublisher(pool, (error) => log.warn("A report was not sent", error));
    this.#channels = this.#openChannels();
    this.#settle = new SettleQueue({
      pool,
      publisher: this.#publisher,
      unit: Math.random,
      onSettled: (ends) => this.#dispatcher.forget(ends),
      onReleased: () => this.#dispatcher.wake(),
      onError: (error, runId) => log.warn(`Run ${runId} could not be settled`, error),
    });
    this.#lease = new Lease(
      {
        leaseMs: settings.leaseMs,
        heartbeatMs: settings.heartbeatMs,
        renew: () => this.#renew(),
        onRenewed: () => {},
        onDoubt: () => this.#doubt(),
        onRecovered: () => this.#recovered(),
        onLost: () => this.#lost(),
        onError: (error) => log.warn("The lease was not renewed", error),
      },
      since,
    );
    this.#dispatcher = new Dispatcher({
      runnerId: id,
      slots: settings.slots,
      claimChannel: this.#channels.claim,
      completeChannels: this.#channels.complete,
      executor: createExecutor({ sql: pool }),
      settle: this.#settle,
      publisher: this.#publisher,
      lease: this.#lease,
      onError: (error) => log.warn("The queue was not reached", error),
    });
    this.#scheduler = new Scheduler({
      pool,
      publisher: this.#publisher,
      tickMs: Math.min(500, settings.heartbeatMs / 2),
      graceMs: settings.heartbeatMs * 2,
      unit: Math.random,
      onReleased: () => this.#dispatcher.wake(),
      onLostRunner: (name) => log.warn(`Runner ${name} stopped answering`),
      onError: (error) => log.warn("The scheduler did not get through", error),
    });
    this.#lease.start();
    this.#scheduler.start();
    this.#listener = this.#listen();
    this.#every(POLL_MS, () => this.#dispatcher.wake());
    this.#every(COMPARE_MS, () => this.#compare());
  }

  #openChannels(): { heartbeat: Channel; claim: Channel; complete: Channel[] } {
    const { databaseUrl, leaseMs } = this.#options.settings;
    const open = (name: string, timeoutMs: number) => new Channel(databaseUrl, { name, timeoutMs });
    return {
      // Two tries must fit into the time until the lease is in doubt.
      heartbeat: open("idem runner lease", leaseMs * 0.2),
      claim: open("idem runner claim", leaseMs),
      complete: Array.from({ length: COMPLETE_CHANNELS }, () =>
        open("idem runner complete", leaseMs),
      ),
    };
  }

  #listen(): Listener {
    const { settings, log } = this.#options;
    return listen(settings.databaseUrl, {
      name: "idem runner listen",
      channels: [READY_CHANNEL, CANCEL_CHANNEL],
      onNotification: (channel) => {
        if (channel === CANCEL_CHANNEL) this.#compare();
        else this.#dispatcher.wake();
      },
      onListening: () => {
        this.#dispatcher.wake();
        this.#compare();
      },
      onError: (error) => log.warn("Listening was interrupted", error),
    });
  }

  #every(ms: number, work: () => void): void {
    this.#timers.push(setInterval(work, ms));
  }

  #compare(): void {
    this.#dispatcher
      .compare()
      .catch((error: unknown) => this.#options.log.warn("The queue was not compared", error));
  }

  #renew(): Promise<boolean> {
    const load = { running: this.#dispatcher.running, memoryBytes: process.memoryUsage.rss() };
    return this.#channels.heartbeat.use((connection) =>
      renewLease(connection, this.id, load, this.#options.settings.leaseMs),
    );
  }

  #doubt(): void {
    this.#options.log.warn("The lease could not be renewed in time: ending all tasks");
    this.#dispatcher.stopAll("lost");
  }

  #recovered(): void {
    this.#options.log.info("The lease has been renewed");
    this.#compare();
    this.#dispatcher.wake();
  }

  #lost(): void {
    this.#dispatcher.stopAccepting();
    this.#dispatcher.stopAll("lost");
    this.#settle.discard();
    this.#options.onLost();
  }

  /**
   * Stops in good order: claims nothing more, gives running tasks `drainMs`, kills and hands back
   * the rest.
   */
  async stop(): Promise<void> {
    const { settings, log } = this.#options;
    this.#dispatcher.stopAccepting();
    await drainRunner(this.#pool, this.id).catch((error: unknown) =>
      log.warn("The drain was not announced", error),
    );
    if (!(await this.#dispatcher.settled(settings.drainMs))) {
      log.info(`Handing back ${this.#dispatcher.running} tasks`);
      this.#dispatcher.stopAll("handed_back");
      await this.#dispatcher.settled(HAND_BACK_MS);
    }
    await this.#close();
  }

  async #close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#listener.close();
    await this.#scheduler.stop();
    this.#dispatcher.close();
    this.#settle.close();
    await this.#lease.stop();
    await this.#publisher.flush();
    await stopRunner(this.#pool, this.id).catch((error: unknown) =>
      this.#options.log.warn("The end was not announced", error),
    );
    const { heartbeat, claim, complete } = this.#channels;
    await Promise.all([heartbeat, claim, ...complete].map((channel) => channel.close()));
    await this.#pool.end();
  }
}

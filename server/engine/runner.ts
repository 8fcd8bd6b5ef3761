/** One runner: registration, lease, dispatcher, scheduler role, drain. */
import { hostname } from "node:os";
import type { Pool } from "pg";
import { readNow } from "../db/clock.ts";
import {
  BACKFILL_CHANNEL,
  CANCEL_CHANNEL,
  createPublisher,
  type Publisher,
  READY_CHANNEL,
} from "../db/live/notify.ts";
import { type Listener, listen } from "../db/live/notify-listener.ts";
import { Channel } from "../db/queue/queue-channel.ts";
import { createEnginePool } from "../db/queue/queue-connection.ts";
import { drainRunner, registerRunner, renewLease, stopRunner } from "../db/runners.ts";
import { BackfillMover } from "./backfill/backfill-mover.ts";
import { BulkWorker } from "./bulk/bulk.ts";
import { leaseClockMs } from "./dispatch/clock.ts";
import { DatabaseClock } from "./dispatch/database-clock.ts";
import { Dispatcher } from "./dispatch/dispatcher.ts";
import { Lease, WATCHDOG_SHARE } from "./dispatch/lease.ts";
import { Scheduler } from "./dispatch/scheduler.ts";
import { createExecutor } from "./execute/executor.ts";
import { makeFolders, newToken, openWorkspace, type Workspace } from "./execute/workspace.ts";
import { Ticker } from "./schedule/ticker.ts";
import type { RunnerSettings } from "./settings.ts";
import { SettleQueue } from "./settle/settle-queue.ts";
import { Watchdog } from "./watchdog/watchdog-link.ts";

/** Two batches of successes may be on their way at a time. */
const COMPLETE_CHANNELS = 2;
/** A statement waits for what other sessions have locked no longer than this. */
const LOCK_MS = 1_000;
const POOL_SIZE = 6;
/** How often to look for ready tasks without having been woken. */
const POLL_MS = 1_000;
/** How often to compare with what the database says this runner holds. */
const COMPARE_MS = 5_000;
const LEFTOVERS_EVERY = 10;
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

interface Registered {
  id: string;
  /** When the registration, which granted the first lease, was sent (clock of leases). */
  since: number;
  pool: Pool;
  /** In the environment of all that this runner starts. */
  runnerToken: string;
  workFolder: string;
  clock: DatabaseClock;
}

export class Runner {
  readonly id: string;
  readonly #options: RunnerOptions;
  readonly #pool: Pool;
  readonly #clock: DatabaseClock;
  readonly #publisher: Publisher;
  readonly #channels: Channels;
  readonly #watchdog: Watchdog;
  readonly #lease: Lease;
  readonly #settle: SettleQueue;
  readonly #workspace: Workspace;
  readonly #dispatcher: Dispatcher;
  readonly #scheduler: Scheduler;
  readonly #ticker: Ticker;
  readonly #mover: BackfillMover;
  readonly #bulk: BulkWorker;
  readonly #listener: Listener;
  readonly #timers: NodeJS.Timeout[];

  /**
   * Registers a runner and starts it.
   * @throws the driver's error when the database cannot be reached, or the system's when IDEM_HOME
   *   cannot be written
   */
  static async start(options: RunnerOptions): Promise<Runner> {
    const { settings, version, log } = options;
    const pool = createEnginePool(settings.databaseUrl, {
      name: "idem runner",
      max: POOL_SIZE,
      timeoutMs: settings.leaseMs,
      lockMs: LOCK_MS,
      onError: (error) => log.warn("A database connection broke", error),
    });
    const { name, slots, labels } = settings;
    const since = leaseClockMs();
    const runner = { name, host: hostname(), pid: process.pid, version, slots, labels };
    const id = await registerRunner(pool, runner, settings.leaseMs);
    const runnerToken = newToken();
    const workFolder = await makeFolders(settings.home, id, runnerToken.slice(0, 8));
    const asked = performance.now();
    const clock = new DatabaseClock((await readNow(pool)).getTime(), asked);
    return new Runner(options, { id, since, pool, runnerToken, workFolder, clock });
  }

  private constructor(options: RunnerOptions, registered: Registered) {
    const { id, since, pool, runnerToken, workFolder, clock } = registered;
    const { settings, log } = options;
    this.id = id;
    this.#options = options;
    this.#pool = pool;
    this.#clock = clock;
    this.#publisher = createPublisher(pool, (error) => log.warn("A report was not sent", error));
    this.#channels = openChannels(settings);
    this.#watchdog = new Watchdog({
      token: runnerToken,
      silenceMs: settings.leaseMs * WATCHDOG_SHARE,
      home: settings.home,
      onError: (error) => log.warn("The watchdog was lost and is started again", error),
    });
    this.#lease = this.#openLease(since);
    this.#workspace = openWorkspace({
      sql: pool,
      runnerId: id,
      runnerToken,
      workFolder,
      settings,
      clock,
      lease: this.#lease,
      watchdog: this.#watchdog,
      onError: (message, error) => log.warn(message, error),
    });
    this.#settle = new SettleQueue({
      pool,
      publisher: this.#publisher,
      unit: Math.random,
      onSettled: (ends) => {
        this.#dispatcher.forget(ends);
        this.#runsEnded();
      },
      onReleased: () => this.#dispatcher.wake(),
      onError: (error, runId) => log.warn(`Run ${runId} could not be settled`, error),
    });
    this.#dispatcher = new Dispatcher({
      runnerId: id,
      slots: settings.slots,
      labels: settings.labels,
      claimChannel: this.#channels.claim,
      completeChannels: this.#channels.complete,
      lockedChannel: this.#channels.locked,
      executor: createExecutor(this.#workspace.tools),
      outputs: this.#workspace.outputs,
      settle: this.#settle,
      publisher: this.#publisher,
      lease: this.#lease,
      onRunsEnded: () => this.#runsEnded(),
      onError: (error) => log.warn("The queue was not reached", error),
    });
    this.#scheduler = this.#openScheduler();
    this.#ticker = this.#openTicker();
    this.#mover = this.#openMover();
    this.#bulk = new BulkWorker({
      pool,
      onError: (error) => log.warn("A bulk action was not worked off", error),
    });
    this.#lease.start();
    this.#scheduler.start();
    this.#ticker.start();
    this.#mover.start();
    this.#bulk.start();
    this.#listener = this.#listen();
    this.#timers = [
      setInterval(() => this.#dispatcher.wake(), POLL_MS),
      setInterval(() => this.#compare(), COMPARE_MS),
    ];
  }

  #openLease(since: number): Lease {
    const { settings, log } = this.#options;
    return new Lease(
      {
        leaseMs: settings.leaseMs,
        heartbeatMs: settings.heartbeatMs,
        renew: () => this.#renew(),
        onRenewed: (at) => this.#watchdog.beat(at),
        onDoubt: () => this.#doubt(),
        onRecovered: () => this.#recovered(),
        onLost: () => this.#lost(),
        onError: (error) => log.warn("The lease was not renewed", error),
      },
      since,
    );
  }

  #openScheduler(): Scheduler {
    const { settings, log } = this.#options;
    return new Scheduler({
      pool: this.#pool,
      publisher: this.#publisher,
      tickMs: Math.min(500, settings.heartbeatMs / 2),
      leftoversEvery: LEFTOVERS_EVERY,
      graceMs: settings.heartbeatMs * 2,
      unit: Math.random,
      onReleased: () => this.#dispatcher.wake(),
      onLostRunner: (name) => log.warn(`Runner ${name} stopped answering`),
      onError: (error) => log.warn("The scheduler did not get through", error),
    });
  }

  #openTicker(): Ticker {
    const { log } = this.#options;
    return new Ticker({
      pool: this.#pool,
      onFailed: ({ flowId, key, error }) =>
        log.warn(`Schedule ${key} of the flow "${flowId}" could not fire`, error),
      onError: (error) => log.warn("The ticks of schedules were not looked at", error),
    });
  }

  /** Runs that waited for others, and windows of backfills, may move. */
  #runsEnded(): void {
    this.#ticker.runsEnded();
    this.#mover.runsEnded();
  }

  #openMover(): BackfillMover {
    const { log } = this.#options;
    return new BackfillMover({
      pool: this.#pool,
      onFailed: ({ id, error }) => log.warn(`Backfill ${id} could not go on and is paused`, error),
      onError: (error) => log.warn("Backfills were not looked at", error),
    });
  }

  #listen(): Listener {
    const { settings, log } = this.#options;
    return listen(settings.databaseUrl, {
      name: "idem runner listen",
      channels: [READY_CHANNEL, CANCEL_CHANNEL, BACKFILL_CHANNEL],
      onNotification: (channel) => {
        if (channel === CANCEL_CHANNEL) this.#compare();
        else if (channel === BACKFILL_CHANNEL) this.#mover.wake();
        else this.#dispatcher.wake();
      },
      onListening: () => {
        this.#dispatcher.wake();
        this.#compare();
      },
      onError: (error) => log.warn("Listening was interrupted", error),
    });
  }

  #compare(): void {
    this.#dispatcher
      .compare()
      .catch((error: unknown) => this.#options.log.warn("The queue was not compared", error));
  }

  async #renew(): Promise<boolean> {
    const { running, ended } = this.#dispatcher;
    const load = { running, ended, memoryBytes: process.memoryUsage.rss() };
    const asked = performance.now();
    const renewal = await this.#channels.heartbeat.use((connection) =>
      renewLease(connection, this.id, load, this.#options.settings.leaseMs),
    );
    if (renewal === null) return false;
    this.#clock.set(renewal.at, asked);
    this.#dispatcher.obey(renewal);
    return true;
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
    this.#dispatcher.close();
    this.#dispatcher.stopAll("lost");
    this.#settle.discard();
    this.#workspace.giveUpLogs();
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
    await this.#ticker.stop();
    await this.#mover.stop();
    await this.#bulk.stop();
    this.#dispatcher.close();
    this.#settle.close();
    await this.#workspace.close();
    await this.#watchdog.close();
    await this.#lease.stop();
    await this.#publisher.flush();
    await stopRunner(this.#pool, this.id).catch((error: unknown) =>
      this.#options.log.warn("The end was not announced", error),
    );
    const { heartbeat, claim, complete, locked } = this.#channels;
    await Promise.all([heartbeat, claim, ...complete, locked].map((channel) => channel.close()));
    await this.#pool.end();
  }
}

interface Channels {
  heartbeat: Channel;
  claim: Channel;
  complete: Channel[];
  locked: Channel;
}

/** Connections are opened when they are first needed. */
function openChannels({ databaseUrl, leaseMs }: RunnerSettings): Channels {
  const open = (what: string) =>
    new Channel(databaseUrl, { name: `idem runner ${what}`, timeoutMs: leaseMs, lockMs: LOCK_MS });
  return {
    // Two tries must fit into the time until the lease is in doubt.
    heartbeat: new Channel(databaseUrl, { name: "idem runner lease", timeoutMs: leaseMs * 0.2 }),
    claim: open("claim"),
    complete: Array.from({ length: COMPLETE_CHANNELS }, () => open("complete")),
    locked: open("locked rows"),
  };
}

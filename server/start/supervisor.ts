/**
 * Runs Idem on one machine: database, web process, runners. Everything is stopped in the reverse
 * order, so that a runner can record what it hands back and PostgreSQL goes last.
 */
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "#server/core/errors.ts";
import { RUNNER_NODE_ARGS } from "../engine/settings.ts";
import { Child, type ChildPlan } from "./child.ts";
import { type Database, openDatabase } from "./database.ts";
import { awaitHealth } from "./health.ts";
import { awaitOrphans, type Home, lockHome } from "./home.ts";
import { checkPort } from "./port.ts";
import { addressOf, type Settings } from "./settings.ts";

const WEB_STOP_MS = 5_000;
const FLOWS_STOP_MS = 5_000;
/** A delivery that is on its way ends before. */
const JOBS_STOP_MS = 12_000;
/** The address is told without waiting any longer for the first look at the flows. */
const FIRST_SYNC_LIMIT_MS = 15_000;
/** Crashes of the web process in a row, before Idem was ever ready, after which it gives up. */
const GIVE_UP_AFTER = 5;

export interface Programs {
  web: string;
  runner: string;
  /** Keeps the flows of the folder in step with the database. */
  flows: string;
  /** Delivers notifications. */
  jobs: string;
}

export interface SupervisorOptions {
  settings: Settings;
  programs: Programs;
  migrations: string;
  /** Variables handed to the children besides the settings. */
  env: NodeJS.ProcessEnv;
  log: (message: string) => void;
  /** Told the address once everything answers. */
  onReady: (address: string) => void;
  /** Told when it has ended by itself, with the reason. */
  onFailure: (error: AppError) => void;
}

export class Supervisor {
  readonly #options: SupervisorOptions;
  #home: Home | null = null;
  /** Kept as a promise: a stop during the start waits for it and stops what came of it. */
  #opening: Promise<Database> | null = null;
  #web: Child | null = null;
  #flows: Child | null = null;
  #jobs: Child | null = null;
  #runners: Child[] = [];
  #synced: () => void = () => {};
  readonly #firstSync = new Promise<void>((resolve) => {
    this.#synced = resolve;
  });
  #stopping: Promise<void> | null = null;
  readonly #abort = new AbortController();
  #ready = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** @throws AppError with one sentence for everything that a person can put right */
  async start(): Promise<void> {
    const { settings, log, migrations } = this.#options;
    this.#home = lockHome(settings.home);
    await awaitOrphans(settings.home, log);
    await checkPort(settings.host, settings.port);
    if (this.#abort.signal.aborted) return;
    this.#opening = openDatabase({
      home: settings.home,
      url: settings.databaseUrl,
      migrations,
      log,
    });
    const database = await this.#opening;
    if (this.#abort.signal.aborted) return;

    this.#startChildren(database.url);
    database.watch((url) => this.#databaseMoved(url));

    const address = addressOf(settings);
    const { signal } = this.#abort;
    const healthy = await awaitHealth({
      address,
      signal,
      without: settings.runners === 0 ? ["runner"] : [],
      onMissing: (missing) => log(`Not ready yet, missing: ${missing}`),
    });
    if (!healthy) return;
    const limit = sleep(FIRST_SYNC_LIMIT_MS, undefined, { signal, ref: false }).catch(() => {});
    await Promise.race([this.#firstSync, limit]);
    if (signal.aborted) return;
    this.#ready = true;
    this.#options.onReady(address);
  }

  #startChildren(url: string): void {
    const { programs, settings } = this.#options;
    this.#web = this.#child({ name: "web", file: programs.web, stopLimitMs: WEB_STOP_MS }, url);
    this.#runners = Array.from({ length: settings.runners }, (_, index) =>
      this.#child(
        {
          name: `runner ${index + 1}`,
          file: programs.runner,
          nodeArgs: RUNNER_NODE_ARGS,
          stopLimitMs: settings.runnerStopMs,
        },
        url,
      ),
    );
    this.#flows = this.#child(
      { name: "flows", file: programs.flows, stopLimitMs: FLOWS_STOP_MS },
      url,
      () => this.#synced(),
    );
    this.#jobs = this.#child({ name: "jobs", file: programs.jobs, stopLimitMs: JOBS_STOP_MS }, url);
    for (const child of this.#children()) child.start();
  }

  #children(): Child[] {
    return [this.#web, ...this.#runners, this.#flows, this.#jobs].filter((child) => child !== null);
  }

  #child(
    program: Pick<ChildPlan, "name" | "file" | "nodeArgs" | "stopLimitMs">,
    url: string,
    onReady: () => void = () => {},
  ): Child {
    const { file } = program;
    if (!existsSync(file)) throw new AppError("INTERNAL", `The program ${file} is missing.`);
    return new Child({
      ...program,
      env: this.#environment(url),
      log: this.#options.log,
      onChange: () => this.#childrenChanged(),
      onMessage: (message) => {
        if (message.type === "ready") onReady();
        else this.#fail(new AppError("UNAVAILABLE", message.message));
      },
    });
  }

  #environment(url: string): NodeJS.ProcessEnv {
    const { settings, env } = this.#options;
    return {
      ...env,
      DATABASE_URL: url,
      HOST: settings.host,
      PORT: String(settings.port),
      IDEM_HOME: settings.home,
      IDEM_FLOWS: settings.flows,
      ...(settings.slots === undefined ? {} : { IDEM_SLOTS: String(settings.slots) }),
    };
  }

  #childrenChanged(): void {
    this.#home?.noteChildren(this.#children().flatMap((child) => child.pid ?? []));
    const web = this.#web;
    if (!this.#ready && web !== null && web.crashes >= GIVE_UP_AFTER) {
      this.#fail(new AppError("UNAVAILABLE", "The web process ends again and again."));
    }
  }

  #databaseMoved(url: string): void {
    for (const child of this.#children()) void child.restart(this.#environment(url));
  }

  #fail(error: AppError): void {
    if (this.#stopping) return;
    void this.stop().then(() => this.#options.onFailure(error));
  }

  /** Restarts what executes and compiles, for new code during development. */
  async restartWorkers(): Promise<void> {
    const database = await this.#opening;
    if (database === null || this.#stopping) return;
    const { url } = database;
    const workers = [...this.#runners, this.#flows, this.#jobs].filter((child) => child !== null);
    await Promise.all(workers.map((worker) => worker.restart(this.#environment(url))));
  }

  /** Ends everything in order. Calling it again waits for the same end. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopInOrder();
    return this.#stopping;
  }

  async #stopInOrder(): Promise<void> {
    this.#abort.abort();
    await this.#web?.stop();
    await this.#flows?.stop();
    // Deliveries that have not gone out are waiting in the database.
    await Promise.all([this.#jobs, ...this.#runners].map((child) => child?.stop()));
    // An opening that failed has told so and left nothing running.
    const database = await this.#opening?.catch(() => null);
    await database?.stop();
    this.#home?.release();
  }

  /** Does not wait for children that are still ending. */
  hurry(): void {
    for (const child of this.#children()) child.kill();
  }
}

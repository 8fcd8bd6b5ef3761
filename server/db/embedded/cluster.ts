/**
 * The embedded PostgreSQL: created on first use, started, found again after a crash, stopped.
 * It runs in a session of its own, so that it outlives a killed supervisor and a Ctrl-C meant for
 * the supervisor does not reach it.
 */
import { randomBytes } from "node:crypto";
import { realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "#server/core/errors.ts";
import { serverAccount } from "./account.ts";
import { findBinaries } from "./binaries.ts";
import {
  checkVersion,
  chooseDataDir,
  createDatabase,
  DATABASE,
  initialise,
  urlOf,
} from "./create.ts";
import { type Durability, launch } from "./launch.ts";
import { freePort } from "./port.ts";
import { isAlive, type Postmaster, readPostmaster } from "./postmaster.ts";
import { type EmbeddedSettings, readSettings, writeSettings } from "./settings.ts";

const POLL_MS = 10;
/** Crash recovery may replay up to max_wal_size of log before the server is ready. */
const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 20_000;

export interface EmbeddedServer {
  /** Connection string of the database `idem`, password included. */
  url: string;
  pid: number;
  port: number;
  dataDir: string;
  /** True when the server already ran, for example after a killed supervisor. */
  reattached: boolean;
  isAlive(): boolean;
  /** Fast shutdown: transactions are rolled back, everything committed is on disk. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Folder that holds the settings and, where the server's account may enter it, the data. */
  home: string;
  /** Default `disk`. */
  durability?: Durability;
  /** Told about what a person may want to know: creation, a port that changed. */
  log?: (message: string) => void;
}

/**
 * Starts the server of `home`, creating it first if need be, or finds it running.
 * The caller holds the lock of `home`: two concurrent calls for one home are not safe.
 * @throws AppError UNAVAILABLE with the cause in one sentence when it cannot be started
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const log = options.log ?? (() => {});
  const home = await realpath(options.home);
  const account = await serverAccount();
  let settings = await readSettings(home);

  if (settings?.initialised && (await settle(settings)) === "running") {
    const running = await readPostmaster(settings.dataDir);
    if (running !== null && running !== "stale") return server(settings, running, true);
  }

  const binaries = await findBinaries(account);
  if (settings === null) {
    settings = {
      version: 1,
      dataDir: await chooseDataDir(home, account),
      port: await freePort(),
      password: randomBytes(24).toString("base64url"),
      initialised: false,
    };
    await writeSettings(home, settings);
  }
  const { dataDir } = settings;
  if (!(await exists(join(dataDir, "PG_VERSION")))) {
    if (settings.initialised) {
      throw new AppError("UNAVAILABLE", `The database folder ${dataDir} is gone.`, {
        fix: `Restore it, or remove ${home} to begin with an empty database.`,
      });
    }
    log("Creating the embedded PostgreSQL");
    await initialise(binaries, account, settings, options.durability ?? "disk");
  }
  await checkVersion(binaries, dataDir);

  const { postmaster, port } = await launch({
    binaries,
    account,
    dataDir,
    port: settings.port,
    durability: options.durability ?? "disk",
    log,
  });
  settings = { ...settings, port };
  if (!settings.initialised) {
    await createDatabase(settings);
    settings = { ...settings, initialised: true };
  }
  await writeSettings(home, settings);
  return server(settings, postmaster, false);
}

function server(
  settings: EmbeddedSettings,
  postmaster: Postmaster,
  reattached: boolean,
): EmbeddedServer {
  return {
    url: urlOf(settings, postmaster.port, DATABASE),
    pid: postmaster.pid,
    port: postmaster.port,
    dataDir: settings.dataDir,
    reattached,
    isAlive: () => isAlive(postmaster.pid),
    stop: () => stop(settings.dataDir, postmaster.pid),
  };
}

/** Waits until a server that is starting runs and one that is stopping is gone. */
async function settle(settings: EmbeddedSettings): Promise<"running" | "stopped"> {
  const deadline = performance.now() + START_LIMIT_MS;
  for (;;) {
    const found = await readPostmaster(settings.dataDir);
    if (found === null || found === "stale") return "stopped";
    if (found.status === "ready") return "running";
    if (performance.now() > deadline) {
      throw new AppError(
        "UNAVAILABLE",
        `The embedded PostgreSQL (process ${found.pid}) is still '${found.status}'.`,
        { fix: `Look into ${join(settings.dataDir, "server.log")}.` },
      );
    }
    await sleep(POLL_MS);
  }
}

async function stop(dataDir: string, pid: number): Promise<void> {
  // SIGINT: fast shutdown. SIGQUIT, at once and with recovery at the next start, if that hangs.
  for (const signal of ["SIGINT", "SIGQUIT"] as const) {
    const found = await readPostmaster(dataDir);
    if (found === null || found === "stale" || found.pid !== pid) return;
    process.kill(pid, signal);
    const deadline = performance.now() + STOP_LIMIT_MS;
    while (isAlive(pid) && performance.now() < deadline) await sleep(POLL_MS);
    if (!isAlive(pid)) return;
  }
  throw new AppError("UNAVAILABLE", `The embedded PostgreSQL (process ${pid}) did not stop.`);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

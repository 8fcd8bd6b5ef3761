/** What a runner has on disk and in processes for executing tasks. */

import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Pool } from "pg";
import { listRevisionFiles, type RevisionFileRow } from "../../db/flow/blobs.ts";
import { type RunFacts, readRunFacts } from "../../db/queue/queue-run.ts";
import { readOutputs } from "../../db/run/run-detail.ts";
import { findLiveRunners } from "../../db/runners.ts";
import type { Queryable } from "../../db/sql.ts";
import type { DatabaseClock } from "../dispatch/database-clock.ts";
import type { Lease } from "../dispatch/lease.ts";
import { AttemptLog } from "../logs/attempt-log.ts";
import { LogStore } from "../logs/log-store.ts";
import { Lru } from "../lru.ts";
import type { RunnerSettings } from "../settings.ts";
import type { Watchdog } from "../watchdog/watchdog-link.ts";
import { WorkerPool } from "../worker/worker-pool.ts";
import { BlobCache } from "./blob-cache.ts";
import { OutputCache } from "./output-cache.ts";
import { PipePool } from "./pipes.ts";
import type { ExecutorTools } from "./tools.ts";
import { Workdirs } from "./workdir.ts";

/** More pipes are made when more programs run at a time. */
const MAX_PREPARED = 32;
const RUNS_KEPT = 2_000;
const REVISIONS_KEPT = 500;

export interface WorkspaceOptions {
  sql: Pool;
  runnerId: string;
  runnerToken: string;
  /** As made by `makeFolders`. */
  workFolder: string;
  settings: RunnerSettings;
  clock: Pick<DatabaseClock, "now">;
  lease: Pick<Lease, "holds" | "startUntil">;
  watchdog: Watchdog;
  onError: (message: string, error: unknown) => void;
}

export interface Workspace {
  tools: ExecutorTools;
  /** To be told of the outputs that are stored. */
  outputs: Pick<OutputCache, "remember">;
  /** Stores no more logs: the lease is gone. */
  giveUpLogs(): void;
  close(): Promise<void>;
}

/** A token that nobody can guess and that nothing else carries. */
export const newToken = (): string => randomBytes(16).toString("hex");

/**
 * Makes the folders that a runner works in. The token keeps apart runners of two databases that have
 * the same id and, one after the other, the same home.
 * @returns the folder for the private folders of its attempts
 * @throws when IDEM_HOME cannot be written
 */
export async function makeFolders(home: string, runnerId: string, token: string): Promise<string> {
  const workFolder = join(home, "work", `${runnerId}-${token}`);
  await mkdir(join(home, "data"), { recursive: true });
  await mkdir(workFolder, { recursive: true });
  return workFolder;
}

/** Starts what tasks are executed with, among it the first worker. */
export function openWorkspace(options: WorkspaceOptions): Workspace {
  const { sql, runnerId, runnerToken, workFolder, settings, clock, lease, watchdog, onError } =
    options;
  const dataDir = join(settings.home, "data");
  void removeLeftovers(sql, dirname(workFolder), runnerId).catch((error: unknown) =>
    onError("Folders of earlier runners were not removed", error),
  );

  const store = new LogStore({
    sql,
    runnerId,
    onError: (error) => onError("A log was not stored", error),
  });
  const blobs = new BlobCache(sql, join(settings.home, "cache", "blobs"));
  const workers = new WorkerPool({
    runnerToken,
    watchdog,
    home: settings.home,
    maxIdle: settings.slots,
    onLeftover: (error) => onError("The folder of a worker was not removed", error),
  });
  const pipes = new PipePool(join(workFolder, "pipes"));
  void pipes
    .prepare(Math.min(settings.slots, MAX_PREPARED))
    .catch((error: unknown) => onError("The pipes of programs could not be made", error));
  const facts = new Lru<RunFacts>(RUNS_KEPT);
  const files = new Lru<readonly RevisionFileRow[]>(REVISIONS_KEPT);
  const bundles = new Lru<string>(REVISIONS_KEPT);
  const outputs = new OutputCache({
    read: (runId, ordinals) => readOutputs(sql, runId, ordinals),
  });
  const tools: ExecutorTools = {
    sql,
    pool: sql,
    runnerId,
    clock,
    lease,
    watchdog,
    pipes,
    workdirs: new Workdirs(workFolder, blobs),
    workers,
    dataDir,
    runnerToken,
    killGraceMs: settings.killGraceMs,
    openLog: ({ runId, ordinal, attempt }) =>
      new AttemptLog({
        key: { runId, ordinal, attempt },
        store,
        limitBytes: settings.logLimitBytes,
        mask: null,
        now: () => new Date(clock.now()),
      }),
    onLeftover: (path, error) => onError(`The folder ${path} was not removed`, error),
    readOutputs: (runId, ordinals) => outputs.read(runId, ordinals),
    runFacts: (runId) => facts.get(runId, () => readRunFacts(sql, runId)),
    revisionFiles: (id) => files.get(id, () => listRevisionFiles(sql, id)),
    bundlePath: (sha256) => bundles.get(sha256, () => blobs.path(sha256, ".mjs")),
  };
  return {
    tools,
    outputs,
    giveUpLogs: () => store.close(),
    close: async () => {
      await workers.close();
      await rm(workFolder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Folders of runners of this home that are not alive any more. */
async function removeLeftovers(sql: Queryable, folders: string, own: string): Promise<void> {
  const live = await findLiveRunners(sql);
  for (const name of await readdir(folders)) {
    const [id = ""] = name.split("-");
    if (id === own || live.has(id)) continue;
    await rm(join(folders, name), { recursive: true, force: true });
  }
}

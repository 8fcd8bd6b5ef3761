/** What attempts are executed with: one set for each runner. */
import type { Pool } from "pg";
import type { RevisionFileRow } from "../../db/flow/blobs.ts";
import type { Claim } from "../../db/queue/queue.ts";
import type { RunFacts } from "../../db/queue/queue-run.ts";
import type { Queryable } from "../../db/sql.ts";
import type { DatabaseClock } from "../dispatch/database-clock.ts";
import type { Lease } from "../dispatch/lease.ts";
import type { AttemptLog } from "../logs/attempt-log.ts";
import type { Watchdog } from "../watchdog/watchdog-link.ts";
import type { WorkerPool } from "../worker/worker-pool.ts";
import type { ReadOutputs } from "./output-cache.ts";
import type { PipePool } from "./pipes.ts";
import type { Workdirs } from "./workdir.ts";

export interface ExecutorTools {
  sql: Queryable;
  /** For what needs a transaction. */
  pool: Pool;
  runnerId: string;
  clock: Pick<DatabaseClock, "now">;
  lease: Pick<Lease, "holds" | "startUntil">;
  watchdog: Pick<Watchdog, "launch" | "unwatch">;
  pipes: PipePool;
  /** Private folders of attempts. */
  workdirs: Workdirs;
  /** What tasks see as IDEM_DATA. */
  dataDir: string;
  runnerToken: string;
  killGraceMs: number;
  openLog(claim: Claim): AttemptLog;
  /** Told when the private folder of an attempt could not be removed. */
  onLeftover(path: string, error: unknown): void;
  /** @throws the driver's error */
  readOutputs: ReadOutputs;
  /** @throws the driver's error */
  runFacts(runId: string): Promise<RunFacts>;
  /** @throws the driver's error */
  revisionFiles(revisionId: string): Promise<readonly RevisionFileRow[]>;
  /** Where a bundle lies on this machine. @throws AppError, or the driver's error */
  bundlePath(sha256: string): Promise<string>;
  workers: WorkerPool;
}

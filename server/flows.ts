/** Entry point of the process that keeps stored flows in step with the flows folder. */
import { createPool } from "#server/db/connection.ts";
import { log } from "#server/log.ts";
import { stopWithSupervisor, tellSupervisor } from "#server/start/lifecycle.ts";
import { readSettings } from "#server/start/settings.ts";
import { type SyncReport, watchFlows } from "#server/usecases/flows/sync.ts";

const POOL_SIZE = 2;
const STOP_LIMIT_MS = 4_000;

function tellChanges({ stored, archived, broken }: SyncReport): void {
  if (stored.length > 0) log.info({ flows: stored }, "Flows stored");
  if (archived.length > 0) log.info({ flows: archived }, "Flows archived, their files are gone");
  if (broken.length > 0) log.warn({ files: broken }, "Files with problems, see the flows page");
}

function main(): void {
  const { databaseUrl, flows } = readSettings(process.env);
  if (databaseUrl === undefined) throw new Error("DATABASE_URL is not set");
  const pool = createPool(databaseUrl, {
    name: "idem flows",
    max: POOL_SIZE,
    onError: (error) => log.warn({ error: error.message }, "A database connection broke"),
  });
  const abort = new AbortController();
  const watching = watchFlows({ pool }, flows, {
    signal: abort.signal,
    onChange: (report) => {
      tellChanges(report);
      tellSupervisor({ type: "ready" });
    },
    onError: (error) => {
      log.error({ err: error }, "The flows folder could not be looked at");
      // Idem is of use without it: what is stored can be run, and the page shows the problem.
      tellSupervisor({ type: "ready" });
    },
  });
  stopWithSupervisor(async () => {
    abort.abort();
    await watching;
    await pool.end();
  }, STOP_LIMIT_MS);
}

main();

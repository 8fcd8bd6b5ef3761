/** Entry point of the process that delivers notifications. One per database does; others stand by. */
import { setTimeout as sleep } from "node:timers/promises";
import { connectChecked, createPool } from "#server/db/connection.ts";
import { becomeDeliverer } from "#server/db/notify/channels.ts";
import { startDeliverer } from "#server/engine/notify/deliver.ts";
import { openSecretBox } from "#server/engine/notify/secret-box.ts";
import { log } from "#server/log.ts";
import { stopWithSupervisor, tellSupervisor } from "#server/start/lifecycle.ts";
import { addressOf, readSettings } from "#server/start/settings.ts";

const POOL_SIZE = 10;
const STOP_LIMIT_MS = 12_000;
const STANDBY_MS = 1_000;
/** EX_TEMPFAIL: nothing is wrong with the program, start it again. */
const EXIT_LOST = 75;

async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const { databaseUrl } = settings;
  if (databaseUrl === undefined) throw new Error("DATABASE_URL is not set");
  const abort = new AbortController();
  const pool = createPool(databaseUrl, {
    name: "idem jobs",
    max: POOL_SIZE,
    onError: (error) => log.warn({ error: error.message }, "A database connection broke"),
  });
  // The lock lasts as long as this connection; without it another process may deliver.
  const lock = await connectChecked(databaseUrl, "idem jobs lock");
  const lost = () => {
    if (abort.signal.aborted) return;
    log.warn("The process that delivers notifications lost its database and starts again");
    process.exit(EXIT_LOST);
  };
  lock.on("error", lost);
  lock.on("end", lost);
  const working = deliverWhenAlone();
  stopWithSupervisor(async () => {
    abort.abort();
    await (await working)?.stop();
    await lock.end();
    await pool.end();
  }, STOP_LIMIT_MS);
  tellSupervisor({ type: "ready" });
  await working;

  async function deliverWhenAlone() {
    while (!(await becomeDeliverer(lock))) {
      await sleep(STANDBY_MS, undefined, { signal: abort.signal }).catch(() => {});
      if (abort.signal.aborted) return null;
    }
    const deliverer = await startDeliverer({
      pool,
      secrets: openSecretBox(process.env),
      address: (process.env.IDEM_URL || addressOf(settings)).replace(/\/+$/, ""),
      onError: (message, error) => log.warn({ err: error }, message),
    });
    deliverer.ended.then(lost, lost);
    return deliverer;
  }
}

main().catch((error: unknown) => {
  log.fatal({ err: error }, "Notifications cannot be delivered");
  process.exit(1);
});

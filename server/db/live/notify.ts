/**
 * Notifications only wake somebody up; rows are the truth. NOTIFY takes a lock of the whole database
 * at commit, so the engine never sends one per task: it gathers and sends at most one each 75 ms.
 */
import type { Queryable } from "../sql.ts";

/** Changed runs: a JSON array of run ids, or `"*"` when they do not fit. */
export const LIVE_CHANNEL = "idem_live";
/** Tasks became ready. */
export const READY_CHANNEL = "idem_ready";
/** Running tasks were asked to stop. */
export const CANCEL_CHANNEL = "idem_cancel";
/** Somebody started or changed a backfill. */
export const BACKFILL_CHANNEL = "idem_backfill";

/** PostgreSQL refuses payloads of 8,000 bytes and more. */
const PAYLOAD_LIMIT_BYTES = 7_900;
const PACE_MS = 75;

/** Tells idle runners, when the transaction of `sql` commits, that tasks are ready. */
export async function wakeRunners(sql: Queryable): Promise<void> {
  await sql.query("select pg_notify($1, '')", [READY_CHANNEL]);
}

/** Tells runners, at commit, that some of their tasks are to be cancelled. */
export async function wakeCancel(sql: Queryable): Promise<void> {
  await sql.query("select pg_notify($1, '')", [CANCEL_CHANNEL]);
}

/** Tells runners, at commit, that a backfill has something to do. */
export async function wakeBackfills(sql: Queryable): Promise<void> {
  await sql.query("select pg_notify($1, '')", [BACKFILL_CHANNEL]);
}

/** Tells live views, at commit, that these runs changed. */
export async function publishRuns(sql: Queryable, runIds: Iterable<string>): Promise<void> {
  await sql.query("select pg_notify($1, $2)", [LIVE_CHANNEL, encodeRuns(runIds)]);
}

/** Tells idle runners and live views, at commit, that these runs have tasks that are ready. */
export async function announceRuns(sql: Queryable, runIds: Iterable<string>): Promise<void> {
  await sql.query({
    name: "announce runs",
    text: "select pg_notify($1, ''), pg_notify($2, $3)",
    values: [READY_CHANNEL, LIVE_CHANNEL, encodeRuns(runIds)],
  });
}

/** The payload for a set of changed runs. */
export function encodeRuns(runIds: Iterable<string>): string {
  const text = JSON.stringify([...new Set(runIds)]);
  return Buffer.byteLength(text) > PAYLOAD_LIMIT_BYTES ? '"*"' : text;
}

/** The runs that a payload names; `all` when it names none that can be read. */
export function decodeRuns(payload: string): ReadonlySet<string> | "all" {
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    // Somebody else's payload on the channel: looking at everything is always right.
    return "all";
  }
  if (!Array.isArray(value)) return "all";
  return new Set(value.filter((id): id is string => typeof id === "string"));
}

export interface Publisher {
  /** These runs changed. */
  runs(ids: Iterable<string>): void;
  /** Tasks became ready that this process did not take. */
  ready(): void;
  /** Sends what is still waiting. */
  flush(): Promise<void>;
}

/**
 * A publisher that sends the first report at once and gathers what follows within 75 ms. A report
 * that cannot be sent is dropped: readers poll, and look at everything after a reconnect.
 */
export function createPublisher(sql: Queryable, onError: (error: unknown) => void): Publisher {
  const changed = new Set<string>();
  let wake = false;
  let timer: NodeJS.Timeout | undefined;
  let sending = Promise.resolve();

  const send = async (): Promise<void> => {
    if (changed.size === 0 && !wake) return;
    const payload = changed.size === 0 ? null : encodeRuns(changed);
    const ready = wake;
    changed.clear();
    wake = false;
    try {
      // One statement; a channel without news gets no row to notify from.
      await sql.query(
        `select pg_notify(channel, payload)
           from (values ($1, $2), ($3, $4)) as n(channel, payload) where payload is not null`,
        [LIVE_CHANNEL, payload, READY_CHANNEL, ready ? "" : null],
      );
    } catch (error) {
      onError(error);
    }
  };
  const schedule = (): void => {
    if (timer !== undefined) return;
    // Opens the pace window first: whatever comes while the first report is on its way waits for it.
    timer = setTimeout(() => {
      timer = undefined;
      if (changed.size > 0 || wake) schedule();
    }, PACE_MS);
    timer.unref();
    sending = sending.then(send);
  };

  return {
    runs(ids) {
      for (const id of ids) changed.add(id);
      if (changed.size > 0) schedule();
    },
    ready() {
      wake = true;
      schedule();
    },
    async flush() {
      sending = sending.then(send);
      await sending;
    },
  };
}

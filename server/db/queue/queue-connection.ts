/** The engine's own connections: planner settings for the hot path, limits for broken networks. */
import pg from "pg";
import type { Prepared, Queryable } from "../sql.ts";

/** One connection for the statements of the hot path; statements sent together queue up. */
export interface HotConnection extends Queryable {
  /** Runs a prepared statement. */
  run<R extends pg.QueryResultRow>(query: Prepared): Promise<R[]>;
  close(): Promise<void>;
}

export interface HotOptions {
  /** Shown in pg_stat_activity. */
  name: string;
  /** A statement that takes longer fails, and its connection with it; so does a connect. Milliseconds. */
  timeoutMs: number;
  /**
   * A statement that waits longer than this for what another session has locked fails, and the connection
   * stays. Milliseconds; without it a statement waits as long as it may take.
   */
  lockMs?: number;
  /** Told when the connection breaks while idle. */
  onError: (error: Error) => void;
  /** How old plans of prepared statements may grow, in milliseconds. Ten seconds by default. */
  planAgeMs?: number;
}

/**
 * The server keeps a generic plan until it gathers statistics anew, once a minute at most. A plan made
 * for a nearly empty table reads the whole of it; a burst of runs would pay for that with every
 * statement. Planning anew looks at the real size of a table, whatever its statistics say.
 */
const PLAN_AGE_MS = 10_000;

/**
 * Batches are small and every join of the hot path goes through a primary key, so nested loops are
 * right at every table size; statistics that lag behind a growing queue must not talk the planner
 * into anything else. A generic plan saves planning on each call.
 */
const HOT_SETTINGS = [
  "enable_hashjoin=off",
  "enable_mergejoin=off",
  "enable_seqscan=off",
  "plan_cache_mode=force_generic_plan",
  "jit=off",
];

/** Opens one connection with the settings of the hot path. */
export async function connectHot(url: string, options: HotOptions): Promise<HotConnection> {
  const client = new pg.Client({
    connectionString: url,
    application_name: options.name,
    keepAlive: true,
    connectionTimeoutMillis: options.timeoutMs,
    query_timeout: options.timeoutMs,
    options: [...HOT_SETTINGS, `lock_timeout=${options.lockMs ?? 0}`]
      .map((setting) => `-c ${setting}`)
      .join(" "),
  });
  client.on("error", options.onError);
  await client.connect();
  const planAgeMs = options.planAgeMs ?? PLAN_AGE_MS;
  let plannedAt = performance.now();
  return {
    run: async <R extends pg.QueryResultRow>(query: Prepared) => {
      if (performance.now() - plannedAt >= planAgeMs) {
        plannedAt = performance.now();
        await client.query("discard plans");
      }
      return (await client.query<R>(query)).rows;
    },
    query: client.query.bind(client) as Queryable["query"],
    close: () => client.end(),
  };
}

export interface EnginePoolOptions extends HotOptions {
  /** Most connections at a time. */
  max: number;
}

/**
 * A pool for everything of the engine that is not the hot path. A process that is frozen within a
 * transaction would keep its locks: the server ends such a session after `timeoutMs`.
 */
export function createEnginePool(url: string, options: EnginePoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: options.name,
    max: options.max,
    keepAlive: true,
    connectionTimeoutMillis: options.timeoutMs,
    query_timeout: options.timeoutMs,
    options:
      `-c lock_timeout=${options.lockMs ?? 0} ` +
      `-c idle_in_transaction_session_timeout=${Math.ceil(options.timeoutMs)}`,
  });
  // Without listeners a connection that breaks would end the process: while it is idle, and while it
  // is lent out between two statements, when the pool does not listen.
  pool.on("error", options.onError);
  pool.on("connect", (client) => client.on("error", options.onError));
  return pool;
}

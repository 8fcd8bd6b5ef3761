/** The two ways into PostgreSQL: a pool of `pg` for statements, and Prisma over the same pool. */
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { AppError } from "#server/core/errors.ts";
import { PrismaClient } from "./generated/client.ts";

/** The oldest major version of PostgreSQL that Idem works with. */
export const OLDEST_SERVER = 14;
const CONNECT_LIMIT_MS = 10_000;
const LOCK_LIMIT_MS = 10_000;
/** A process that is frozen within a transaction keeps what it has locked no longer than this. */
const IDLE_LIMIT_MS = 30_000;

export interface PoolOptions {
  /** Shown in pg_stat_activity, for example `idem runner`. */
  name: string;
  /** Most connections at a time. */
  max: number;
  /**
   * A statement that waits longer than this for what another session has locked fails. Milliseconds; ten
   * seconds by default.
   */
  lockMs?: number;
  /** Told when an idle connection breaks; the pool opens a new one by itself. */
  onError: (error: Error) => void;
}

/** A pool that connects on first use. `bigint` values arrive as strings, `timestamptz` as Date. */
export function createPool(url: string, options: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: options.name,
    max: options.max,
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    options:
      `-c lock_timeout=${options.lockMs ?? LOCK_LIMIT_MS} ` +
      `-c idle_in_transaction_session_timeout=${IDLE_LIMIT_MS}`,
  });
  // Without listeners a connection that breaks would end the process: while it is idle, and while it
  // is lent out between two statements, when the pool does not listen.
  pool.on("error", options.onError);
  pool.on("connect", (client) => client.on("error", options.onError));
  return pool;
}

/** Prisma over an existing pool. Ending the pool stays the caller's affair. */
export function createPrisma(pool: pg.Pool): PrismaClient {
  return new PrismaClient({ adapter: new PrismaPg(pool) });
}

/** `host:port/database`, without user and password. */
export function placeOf(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}:${port || 5432}${pathname}`;
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Several addresses of one host name fail as an AggregateError without a message.
  if (error instanceof AggregateError && error.errors[0] instanceof Error) {
    return error.errors[0].message;
  }
  return error.message || ("code" in error ? String(error.code) : error.name);
}

/**
 * Opens one connection and checks that the server can be used.
 * @throws AppError INVALID_INPUT when `url` is no connection string of PostgreSQL
 * @throws AppError UNAVAILABLE when the server cannot be reached, refuses, or is too old
 */
export async function connectChecked(url: string, name: string): Promise<pg.Client> {
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol)) {
    throw new AppError("INVALID_INPUT", "DATABASE_URL is not a PostgreSQL connection string.", {
      fix: "Write it as postgres://user:password@host:5432/database.",
    });
  }
  const client = new pg.Client({
    connectionString: url,
    application_name: name,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
  });
  // A connection that breaks between two statements fails the next one; that is where it is told.
  client.on("error", () => {});
  try {
    await client.connect();
  } catch (cause) {
    throw new AppError(
      "UNAVAILABLE",
      `The database at ${placeOf(url)} cannot be used: ${reason(cause)}.`,
      { fix: "Check DATABASE_URL and that the server runs.", cause },
    );
  }
  const { rows } = await client.query<{ major: number; version: string }>(
    `select current_setting('server_version_num')::int / 10000 as major,
            current_setting('server_version') as version`,
  );
  const server = rows[0];
  if (server === undefined || server.major < OLDEST_SERVER) {
    await client.end();
    throw new AppError(
      "UNAVAILABLE",
      `The database at ${placeOf(url)} is PostgreSQL ${server?.version}; Idem needs ${OLDEST_SERVER} or newer.`,
      { fix: "Upgrade the server, or point DATABASE_URL at a newer one." },
    );
  }
  return client;
}

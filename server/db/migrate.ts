/**
 * Applies `prisma/migrations` without the Prisma command: same table, same checksums and same
 * advisory lock, so that `prisma migrate status` and `deploy` agree with what was done here.
 * Each migration and its record are one transaction: a killed start leaves nothing half-done.
 */
import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import { AppError } from "#server/core/errors.ts";

/** The lock that Prisma takes while it migrates. */
const PRISMA_LOCK = 72_707_369;
const LOCK_LIMIT = "60s";
const UNDEFINED_TABLE = "42P01";

export interface Migration {
  name: string;
  sql: string;
  /** SHA-256 of the file, lower-case hex. */
  checksum: string;
}

interface Recorded {
  migration_name: string;
  checksum: string;
  finished: boolean;
}

interface Queryable {
  query<Row extends pg.QueryResultRow>(
    text: string,
    values?: unknown[],
  ): Promise<pg.QueryResult<Row>>;
}

/** Migrations of `directory` in the order in which they are applied. */
export async function readMigrations(directory: string): Promise<Migration[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const bytes = await readFile(join(directory, name, "migration.sql"));
      const checksum = createHash("sha256").update(bytes).digest("hex");
      return { name, sql: bytes.toString("utf8"), checksum };
    }),
  );
}

async function readRecorded(sql: Queryable): Promise<Recorded[]> {
  try {
    const { rows } = await sql.query<Recorded>(
      `select migration_name, checksum, finished_at is not null as finished
         from _prisma_migrations where rolled_back_at is null order by started_at`,
    );
    return rows;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === UNDEFINED_TABLE) return [];
    throw error;
  }
}

/**
 * Compares what is on disk with what the database has had.
 * @returns the migrations still to apply
 * @throws AppError UNAVAILABLE when one is half-applied, was edited, or is unknown to this version
 */
export function planMigrations(
  known: readonly Migration[],
  recorded: readonly Recorded[],
): Migration[] {
  const byName = new Map(known.map((migration) => [migration.name, migration]));
  for (const { migration_name: name, checksum, finished } of recorded) {
    const migration = byName.get(name);
    if (!finished) {
      throw new AppError("UNAVAILABLE", `The migration ${name} is half-applied.`, {
        fix: `Repair the database by hand, then run: npx prisma migrate resolve --rolled-back ${name} (or --applied).`,
      });
    }
    if (migration === undefined) {
      throw new AppError(
        "UNAVAILABLE",
        `The database has the migration ${name}, which this version of Idem does not know.`,
        { fix: "Start the version of Idem that applied it, or a newer one." },
      );
    }
    if (migration.checksum !== checksum) {
      throw new AppError("UNAVAILABLE", `The migration ${name} was edited after it was applied.`, {
        fix: "Restore the file as it was and write a new migration instead.",
      });
    }
  }
  const done = new Set(recorded.map((row) => row.migration_name));
  return known.filter((migration) => !done.has(migration.name));
}

/** Names of the migrations that `sql` has not had yet. Throws like `planMigrations`. */
export async function pendingMigrations(sql: Queryable, directory: string): Promise<string[]> {
  const [known, recorded] = await Promise.all([readMigrations(directory), readRecorded(sql)]);
  return planMigrations(known, recorded).map((migration) => migration.name);
}

/**
 * Brings the database up to date. Safe to race: one caller applies, the others wait for it.
 * @param client a connection of its own; it holds a session lock meanwhile
 * @returns names of the migrations applied now
 * @throws AppError UNAVAILABLE as `planMigrations`, or when a migration fails; it is undone then
 */
export async function migrate(client: pg.ClientBase, directory: string): Promise<string[]> {
  const known = await readMigrations(directory);
  // The common start finds nothing to do and needs no lock.
  if (planMigrations(known, await readRecorded(client)).length === 0) return [];

  await client.query(`set lock_timeout = '${LOCK_LIMIT}'`);
  await client.query("select pg_advisory_lock($1)", [PRISMA_LOCK]);
  try {
    await client.query("reset lock_timeout");
    await client.query(
      `create table if not exists _prisma_migrations (
         id varchar(36) primary key not null,
         checksum varchar(64) not null,
         finished_at timestamptz,
         migration_name varchar(255) not null,
         logs text,
         rolled_back_at timestamptz,
         started_at timestamptz not null default now(),
         applied_steps_count integer not null default 0)`,
    );
    const pending = planMigrations(known, await readRecorded(client));
    for (const migration of pending) await apply(client, migration);
    return pending.map((migration) => migration.name);
  } finally {
    await client.query("select pg_advisory_unlock($1)", [PRISMA_LOCK]);
  }
}

async function apply(client: pg.ClientBase, migration: Migration): Promise<void> {
  await client.query("begin");
  try {
    await client.query(migration.sql);
    await client.query(
      `insert into _prisma_migrations
         (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       values ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), migration.checksum, migration.name],
    );
    await client.query("commit");
  } catch (cause) {
    await client.query("rollback");
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AppError(
      "UNAVAILABLE",
      `The migration ${migration.name} failed and was undone: ${why}.`,
      {
        cause,
      },
    );
  }
}

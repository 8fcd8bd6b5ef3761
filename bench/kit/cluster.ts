/** The PostgreSQL of a benchmark: the embedded one, as in production, with commits on disk. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { type EmbeddedServer, startEmbedded } from "#server/db/embedded/cluster.ts";
import { migrate } from "#server/db/migrate.ts";
import { lockHome } from "#server/start/home.ts";
import type { Cleanup } from "./cleanup.ts";

const MIGRATIONS = "prisma/migrations";
const TEMPLATE = "bench_template";

/** Settings that decide what a commit costs; written into the report. */
const DURABILITY = ["fsync", "synchronous_commit", "full_page_writes", "wal_sync_method"] as const;

export interface Cluster {
  /** Such as "18.4". */
  version: string;
  dataDir: string;
  settings: Readonly<Record<string, string>>;
  /** A new database with the product's schema. @returns its connection string */
  createDatabase(name: string): Promise<string>;
  dropDatabase(name: string): Promise<void>;
  /** Writes everything out, so that one figure does not pay for the writes of another. */
  checkpoint(): Promise<void>;
}

/**
 * Starts a server of its own below `work`, and removes what a killed benchmark left there.
 * @throws AppError CONFLICT when another benchmark uses `work`; Error when commits are not durable
 */
export async function startCluster(work: string, cleanup: Cleanup): Promise<Cluster> {
  const home = join(work, "home");
  const lock = lockHome(home);
  cleanup.add(() => lock.release());
  const left = await startEmbedded({ home });
  if (left.reattached) await remove(left, home);
  const server = left.reattached ? await startEmbedded({ home }) : left;
  cleanup.add(() => remove(server, home));

  const url = (database: string) => {
    const changed = new URL(server.url);
    changed.pathname = `/${database}`;
    return changed.href;
  };
  const admin = new pg.Client({ connectionString: url("postgres") });
  await admin.connect();
  cleanup.add(() => admin.end());

  const settings = await readSettings(admin);
  if (settings.fsync !== "on" || settings.synchronous_commit !== "on") {
    throw new Error(`Commits are not on disk: ${JSON.stringify(settings)}`);
  }
  await admin.query(`create database ${TEMPLATE}`);
  const template = new pg.Client({ connectionString: url(TEMPLATE) });
  await template.connect();
  try {
    await migrate(template, MIGRATIONS);
  } finally {
    await template.end();
  }
  const { rows } = await admin.query<{ server_version: string }>("show server_version");
  return {
    version: rows[0]?.server_version ?? "unknown",
    dataDir: server.dataDir,
    settings,
    async createDatabase(name) {
      await admin.query(`create database ${name} template ${TEMPLATE}`);
      return url(name);
    },
    async dropDatabase(name) {
      await admin.query(`drop database if exists ${name} with (force)`);
    },
    async checkpoint() {
      await admin.query("checkpoint");
    },
  };
}

async function readSettings(client: pg.Client): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string; setting: string }>(
    "select name, setting from pg_settings where name = any($1)",
    [[...DURABILITY, "shared_buffers"]],
  );
  return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
}

/** The data may lie outside `home`, where an account other than root has to enter. */
async function remove(server: EmbeddedServer, home: string): Promise<void> {
  await server.stop();
  await rm(server.dataDir, { recursive: true, force: true });
  await rm(join(home, "postgres.json"), { force: true });
}

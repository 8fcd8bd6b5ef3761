/** Makes a new data directory and the database in it. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, chown, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { AppError } from "#server/core/errors.ts";
import { type Account, canEnter } from "./account.ts";
import type { Binaries } from "./binaries.ts";
import { type Durability, serverEnvironment } from "./launch.ts";
import type { EmbeddedSettings } from "./settings.ts";

const USER = "idem";
export const DATABASE = "idem";

/** Connection string of one database of the embedded server, password included. */
export function urlOf(settings: EmbeddedSettings, port: number, database: string): string {
  return `postgres://${USER}:${settings.password}@127.0.0.1:${port}/${database}`;
}

/**
 * Below `home`; where the server's account may not enter `home`, the right to pass through it is
 * added to that one folder. Below /var/lib where a folder further up, such as /root, is closed.
 */
export async function chooseDataDir(home: string, account: Account | null): Promise<string> {
  const below = join(home, "postgres");
  if (account === null || (await canEnter(home, account))) return below;
  const { mode } = await stat(home);
  await chmod(home, mode | 0o011);
  if (await canEnter(home, account)) return below;
  await chmod(home, mode);
  const name = createHash("sha256").update(home).digest("hex").slice(0, 16);
  const parent = join("/var/lib/idem", name);
  await mkdir(parent, { recursive: true, mode: 0o755 });
  return join(parent, "postgres");
}

/** @throws AppError UNAVAILABLE when initdb fails; nothing half-made is left then */
export async function initialise(
  binaries: Binaries,
  account: Account | null,
  settings: EmbeddedSettings,
  durability: Durability,
): Promise<void> {
  // Made beside and renamed: a killed initdb never looks like a whole one.
  const partial = `${settings.dataDir}.new`;
  const passwordFile = `${settings.dataDir}.password`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { mode: 0o700 });
  await writeFile(passwordFile, settings.password, { mode: 0o600 });
  if (account) {
    await chown(partial, account.uid, account.gid);
    await chown(passwordFile, account.uid, account.gid);
  }
  const args = [
    ...["-D", partial, "-U", USER, `--pwfile=${passwordFile}`],
    ...["--auth=scram-sha-256", "--data-checksums", "--encoding=UTF8"],
    ...["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"],
    ...(durability === "process" ? ["--no-sync"] : []),
  ];
  const made = spawn(binaries.initdb, args, {
    ...account,
    cwd: "/",
    env: serverEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  made.stdout.on("data", (data) => {
    output += data;
  });
  made.stderr.on("data", (data) => {
    output += data;
  });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      made.once("error", reject);
      made.once("close", resolve);
    });
    if (code !== 0) throw new Error(output.trim().slice(-2000));
  } catch (cause) {
    await rm(partial, { recursive: true, force: true });
    throw new AppError("UNAVAILABLE", "The embedded PostgreSQL could not be created.", {
      fix: `Check that ${settings.dataDir} can be written and that the disk is not full.`,
      cause,
    });
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(partial, settings.dataDir);
}

/** @throws AppError UNAVAILABLE when the data are of another major version than the programs */
export async function checkVersion(binaries: Binaries, dataDir: string): Promise<void> {
  const data = (await readFile(join(dataDir, "PG_VERSION"), "utf8")).trim();
  const sample = join(binaries.postgres, "..", "..", "share", "postgresql", "postgres.bki");
  const first = (await readFile(sample, "utf8").catch(() => "")).split("\n", 1)[0] ?? "";
  // postgres.bki begins with "# PostgreSQL 18"; reading it is a hundred times cheaper than a process.
  const program = /PostgreSQL (\d+)/.exec(first)?.[1];
  if (program !== undefined && program !== data) {
    throw new AppError(
      "UNAVAILABLE",
      `The database in ${dataDir} is of PostgreSQL ${data}, this version of Idem brings ${program}.`,
      { fix: `Dump it with PostgreSQL ${data} and restore it into a new IDEM_HOME.` },
    );
  }
}

/** Creates the database `idem` unless it exists. */
export async function createDatabase(settings: EmbeddedSettings): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf(settings, settings.port, "postgres") });
  await client.connect();
  try {
    const { rowCount } = await client.query("select from pg_database where datname = $1", [
      DATABASE,
    ]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}

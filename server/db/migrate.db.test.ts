import { spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../test/database.ts";
import { MIGRATIONS } from "../../test/template.ts";
import { connectChecked } from "./connection.ts";
import { migrate, pendingMigrations } from "./migrate.ts";

let database: TestDatabase;
let folder: string;

beforeEach(async () => {
  database = await createTestDatabase("empty");
  folder = await mkdtemp(join(tmpdir(), "idem-migrations-"));
});
afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

async function migrateOnce(directory: string): Promise<string[]> {
  const client = await connectChecked(database.url, "idem test");
  try {
    return await migrate(client, directory);
  } finally {
    await client.end();
  }
}

async function addMigration(name: string, sql: string): Promise<void> {
  await mkdir(join(folder, name));
  await writeFile(join(folder, name, "migration.sql"), sql);
}

function prisma(...args: string[]) {
  return spawnSync(process.execPath, ["node_modules/prisma/build/index.js", ...args], {
    env: { ...process.env, DATABASE_URL: database.url },
    encoding: "utf8",
  });
}

describe("migrate", () => {
  it("applies what is pending, in order, once", async () => {
    await addMigration("20260102000000_second", "alter table thing add size int;");
    await addMigration("20260101000000_first", "create table thing (id int);");
    expect(await pendingMigrations(database.pool, folder)).toHaveLength(2);
    expect(await migrateOnce(folder)).toEqual(["20260101000000_first", "20260102000000_second"]);
    expect(await migrateOnce(folder)).toEqual([]);
    expect(await pendingMigrations(database.pool, folder)).toEqual([]);
  });

  it("applies each migration once when several start at the same time", async () => {
    await addMigration("20260101000000_first", "create table thing (id int);");
    const applied = await Promise.all(Array.from({ length: 5 }, () => migrateOnce(folder)));
    expect(applied.flat()).toEqual(["20260101000000_first"]);
  });

  it("undoes a failing migration wholly and keeps those before it", async () => {
    await addMigration("20260101000000_first", "create table thing (id int);");
    await addMigration(
      "20260102000000_broken",
      "create table other (id int); alter table nowhere add size int;",
    );
    await expect(migrateOnce(folder)).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringContaining("20260102000000_broken failed and was undone"),
    });
    const { rows } = await database.pool.query(
      "select to_regclass('thing') t, to_regclass('other') o",
    );
    expect(rows[0]).toEqual({ t: "thing", o: null });
    expect(await pendingMigrations(database.pool, folder)).toEqual(["20260102000000_broken"]);
  });

  it.each([
    {
      state: "half-applied",
      sql: "update _prisma_migrations set finished_at = null",
      want: "The migration 20260101000000_first is half-applied.",
    },
    {
      state: "edited afterwards",
      sql: "update _prisma_migrations set checksum = 'other'",
      want: "The migration 20260101000000_first was edited after it was applied.",
    },
    {
      state: "unknown to this version",
      sql: "update _prisma_migrations set migration_name = '20300101000000_later'",
      want: "The database has the migration 20300101000000_later, which this version of Idem does not know.",
    },
  ])("refuses a migration that is $state", async ({ sql, want }) => {
    await addMigration("20260101000000_first", "create table thing (id int);");
    await migrateOnce(folder);
    await database.pool.query(sql);
    await expect(migrateOnce(folder)).rejects.toMatchObject({ code: "UNAVAILABLE", message: want });
    await expect(pendingMigrations(database.pool, folder)).rejects.toMatchObject({ message: want });
  });

  it("applies again what was marked as rolled back", async () => {
    await addMigration("20260101000000_first", "create table thing (id int);");
    await migrateOnce(folder);
    await database.pool.query(
      "drop table thing; update _prisma_migrations set finished_at = null, rolled_back_at = now()",
    );
    expect(await migrateOnce(folder)).toEqual(["20260101000000_first"]);
  });

  it("leaves a database that the Prisma command finds up to date", async () => {
    await migrateOnce(MIGRATIONS);
    const status = prisma("migrate", "status");
    expect(status.stdout).toContain("Database schema is up to date!");
    expect(status.status).toBe(0);
  });

  it("continues where the Prisma command stopped", async () => {
    await cp(MIGRATIONS, join(folder), { recursive: true });
    const deployed = prisma("migrate", "deploy");
    expect(deployed.status, deployed.stderr).toBe(0);
    await addMigration("29990101000000_next", "create table thing (id int);");
    expect(await migrateOnce(folder)).toEqual(["29990101000000_next"]);
  });
});

describe("the schema and the migrations", () => {
  const diff = () =>
    prisma(
      ...["migrate", "diff", "--exit-code"],
      ...["--from-config-datasource", "--to-schema", "prisma/schema.prisma"],
    );

  it("say the same", async () => {
    await migrateOnce(MIGRATIONS);
    const found = diff();
    expect(found.status, found.stdout + found.stderr).toBe(0);
  });

  it.each([
    { what: "a missing column", sql: "alter table run drop column reason" },
    { what: "a missing partial index", sql: "drop index task_run_ready" },
    {
      what: "another condition of a partial index",
      sql: `drop index task_run_running;
            create index task_run_running on task_run (runner_id) where state = 'ready'`,
    },
  ])("differ when the database has $what", async ({ sql }) => {
    await migrateOnce(MIGRATIONS);
    await database.pool.query(sql);
    expect(diff().status).toBe(2);
  });
});

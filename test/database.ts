/** A database of its own for each test file: a copy of the migrated template, dropped at the end. */
import { randomBytes } from "node:crypto";
import type pg from "pg";
import { inject } from "vitest";
import { createPool } from "#server/db/connection.ts";
import { administer, databaseUrl, TEMPLATE } from "./template.ts";

export interface TestDatabase {
  url: string;
  pool: pg.Pool;
  /** Ends the pool and drops the database, whoever is still connected. */
  close(): Promise<void>;
}

/**
 * Call in `beforeAll`, and `close()` in `afterAll`.
 * @param template `migrated` (default) has the schema, `empty` has nothing
 */
export async function createTestDatabase(
  template: "migrated" | "empty" = "migrated",
): Promise<TestDatabase> {
  const adminUrl = inject("adminUrl");
  const name = `idem_test_${randomBytes(8).toString("hex")}`;
  const source = template === "migrated" ? TEMPLATE : "template0";
  await administer(adminUrl, `create database ${name} template ${source}`);
  const url = databaseUrl(adminUrl, name);
  // The forced drop breaks idle connections of the pool on purpose.
  const pool = createPool(url, { name: "idem test", max: 10, onError: () => {} });
  return {
    url,
    pool,
    async close() {
      await pool.end();
      await administer(adminUrl, `drop database if exists ${name} with (force)`);
    },
  };
}

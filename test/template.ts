/** The migrated database that every test database is a copy of. */
import pg from "pg";
import { migrate } from "#server/db/migrate.ts";

export const TEMPLATE = "idem_template";
export const MIGRATIONS = "prisma/migrations";

/** The same server, another database. */
export function databaseUrl(adminUrl: string, name: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** Runs `sql` in the maintenance database. */
export async function administer(adminUrl: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

export async function createTemplate(adminUrl: string): Promise<void> {
  await administer(adminUrl, `create database ${TEMPLATE}`);
  const client = new pg.Client({ connectionString: databaseUrl(adminUrl, TEMPLATE) });
  await client.connect();
  try {
    await migrate(client, MIGRATIONS);
  } finally {
    await client.end();
  }
}

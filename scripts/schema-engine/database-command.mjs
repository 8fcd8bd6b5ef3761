/** The `cli` subcommands of the schema engine: connect to, create and drop a database. */
import pg from "pg";

/** PostgreSQL's SQLSTATE to Prisma's code; anything else is "cannot reach the server". */
const codes = new Map([
  ["3D000", "P1003"],
  ["28P01", "P1000"],
  ["42P04", "P1009"],
]);

async function execute(connectionString, sql) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function report(error_code, message) {
  const fields = { is_panic: false, error_code, message, meta: {} };
  const line = { timestamp: new Date().toISOString(), level: "ERROR", fields };
  process.stderr.write(`${JSON.stringify({ ...line, target: "schema_engine::logger" })}\n`);
  process.exitCode = 1;
}

/** @param command one of can-connect-to-database, create-database, drop-database */
export async function runDatabaseCommand(command, url) {
  const target = new URL(url);
  const database = decodeURIComponent(target.pathname.slice(1)) || "postgres";
  const admin = new URL(url);
  admin.pathname = "/postgres";
  const name = pg.escapeIdentifier(database);
  const statements = new Map([
    ["can-connect-to-database", [url, "SELECT 1"]],
    ["create-database", [admin.href, `CREATE DATABASE ${name}`]],
    ["drop-database", [admin.href, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`]],
  ]);
  const statement = statements.get(command);
  if (statement === undefined) return report("P0000", `Unknown subcommand ${command}`);
  try {
    await execute(...statement);
  } catch (error) {
    const place = `${target.hostname}:${target.port || 5432}/${database}`;
    report(codes.get(error.code) ?? "P1001", `${error.message || error.code} (${place})`);
  }
}

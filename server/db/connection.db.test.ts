import { describe, expect, it } from "vitest";
import { freePort } from "#server/db/embedded/port.ts";
import { sharedDatabase } from "../../test/shared-database.ts";
import { connectChecked, createPool, createPrisma } from "./connection.ts";
import { isLocked } from "./failures.ts";

const database = sharedDatabase();

describe("connectChecked", () => {
  it("opens a connection", async () => {
    const client = await connectChecked(database.url, "idem test");
    const { rows } = await client.query("select current_setting('application_name') as name");
    expect(rows).toEqual([{ name: "idem test" }]);
    await client.end();
  });

  it.each(["", "nonsense", "mysql://root@localhost/idem"])("refuses %j", async (url) => {
    await expect(connectChecked(url, "idem test")).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: "DATABASE_URL is not a PostgreSQL connection string.",
    });
  });

  it("names the place, never the password, when nobody listens", async () => {
    const port = await freePort();
    const error = await connectChecked(`postgres://me:s3cret@127.0.0.1:${port}/db`, "t").catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({
      code: "UNAVAILABLE",
      message: `The database at 127.0.0.1:${port}/db cannot be used: connect ECONNREFUSED 127.0.0.1:${port}.`,
    });
    expect(String(error)).not.toContain("s3cret");
  });

  it("says what the server says about a wrong password", async () => {
    const url = new URL(database.url);
    url.password = "wrong";
    await expect(connectChecked(url.href, "idem test")).rejects.toMatchObject({
      message: expect.stringContaining("password authentication failed"),
    });
  });
});

describe("createPool and createPrisma", () => {
  it("see the same rows", async () => {
    const pool = createPool(database.url, { name: "idem test", max: 2, onError: () => {} });
    const prisma = createPrisma(pool);
    await pool.query("insert into flow (id, origin) values ('seen', 'push')");
    expect(await prisma.flow.findUnique({ where: { id: "seen" } })).toMatchObject({ id: "seen" });
    await prisma.$disconnect();
    await pool.end();
  });

  it("wait for what another session has locked no longer than they may", async () => {
    const pool = createPool(database.url, {
      name: "idem test",
      max: 2,
      lockMs: 50,
      onError: () => {},
    });
    await pool.query("insert into flow (id, origin) values ('held', 'push')");
    const holder = await database.pool.connect();
    try {
      await holder.query("begin");
      await holder.query("select from flow where id = 'held' for update");
      const change = "update flow set origin = 'push' where id = 'held'";
      const error: unknown = await pool.query(change).catch((caught: unknown) => caught);
      expect(isLocked(error)).toBe(true);
      await holder.query("rollback");
      expect((await pool.query(change)).rowCount).toBe(1);
    } finally {
      holder.release(true);
      await pool.end();
    }
  });

  it("survive a connection that the server ends", async () => {
    const broken: string[] = [];
    const pool = createPool(database.url, {
      name: "idem broken",
      max: 1,
      onError: (error) => broken.push(error.message),
    });
    await pool.query("select 1");
    await database.pool.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'idem broken'",
    );
    await expect.poll(() => broken.length).toBeGreaterThan(0);
    expect((await pool.query("select 2 as two")).rows).toEqual([{ two: 2 }]);
    await pool.end();
  });
});

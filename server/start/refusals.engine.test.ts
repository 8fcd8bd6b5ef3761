import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { freePort } from "#server/db/embedded/port.ts";
import { createTestDatabase } from "../../test/database.ts";
import { makeHome, type ProductOptions, removeHome, startProduct } from "../../test/product.ts";

const isRoot = process.getuid?.() === 0;
const nobody = { uid: 65_534, gid: 65_534 };

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Starts with something wrong and returns the one line it leaves on standard error. */
async function refusal(options: ProductOptions): Promise<string> {
  let { home } = options;
  if (home === undefined) {
    const made = await makeHome(options.account);
    cleanUps.push(() => removeHome(made));
    home = made;
  }
  const product = await startProduct({ ...options, home });
  expect(await product.exited).toBe(1);
  expect(product.stdout()).toBe("");
  const lines = product.stderr().trimEnd().split("\n");
  expect(lines).toHaveLength(1);
  return lines[0] ?? "";
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
}

/** A server that speaks just enough of PostgreSQL's protocol to name its version. */
async function fakePostgres(version: string): Promise<number> {
  const message = (type: string, body: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(body.length + 4);
    return Buffer.concat([Buffer.from(type), length, body]);
  };
  const int = (value: number, bytes: number) => {
    const buffer = Buffer.alloc(bytes);
    buffer.writeIntBE(value, 0, bytes);
    return buffer;
  };
  const column = (name: string) =>
    Buffer.concat([
      Buffer.from(`${name}\0`),
      int(0, 4),
      int(0, 2),
      int(25, 4),
      int(-1, 2),
      int(-1, 4),
      int(0, 2),
    ]);
  const value = (text: string) => Buffer.concat([int(text.length, 4), Buffer.from(text)]);
  const ready = message("Z", Buffer.from("I"));
  const major = version.split(".")[0] ?? "";

  const server = createServer((socket) => {
    let greeted = false;
    socket.on("error", () => {});
    socket.on("data", (data) => {
      if (!greeted) {
        greeted = true;
        socket.write(Buffer.concat([message("R", int(0, 4)), ready]));
      } else if (data[0] === "Q".charCodeAt(0)) {
        socket.write(
          Buffer.concat([
            message("T", Buffer.concat([int(2, 2), column("major"), column("version")])),
            message("D", Buffer.concat([int(2, 2), value(major), value(version)])),
            message("C", Buffer.from("SELECT 1\0")),
            ready,
          ]),
        );
      }
    });
  });
  const port = await freePort();
  await listening(server, port);
  cleanUps.push(async () => server.close());
  return port;
}

describe("a start that cannot succeed says why in one line and exits 1", () => {
  it("when the port is taken", async () => {
    const port = await freePort();
    const server = createServer();
    await listening(server, port);
    cleanUps.push(async () => server.close());
    expect(await refusal({ port })).toBe(
      `Port ${port} is in use by another program. Stop it, or set PORT to a free one.`,
    );
  });

  it.each([
    {
      env: { HOST: "0.0.0.0" },
      want: /^HOST=0\.0\.0\.0 is not accepted\. Leave it at 127\.0\.0\.1/,
    },
    { env: { PORT: "abc" }, want: /^PORT=abc is not accepted\. Give a number from 1 to 65535,/ },
    {
      env: { PORT: "6000" },
      want: /^PORT=6000 is not accepted\..* but none that browsers refuse,/,
    },
    { env: { IDEM_RUNNERS: "-1" }, want: /^IDEM_RUNNERS=-1 is not accepted\./ },
    { env: { IDEM_SLOTS: "1.5" }, want: /^IDEM_SLOTS=1\.5 is not accepted\./ },
    {
      env: { DATABASE_URL: "nonsense" },
      want: /^DATABASE_URL is not a PostgreSQL connection string\./,
    },
  ])("when the settings are $env", async ({ env, want }) => {
    expect(await refusal({ env })).toMatch(want);
  });

  it("when nothing listens at DATABASE_URL", async () => {
    const port = await freePort();
    const env = { DATABASE_URL: `postgres://me:s3cret@127.0.0.1:${port}/db` };
    const line = await refusal({ env });
    expect(line).toMatch(
      /^The database at 127\.0\.0\.1:\d+\/db cannot be used: connect ECONNREFUSED/,
    );
    expect(line).not.toContain("s3cret");
  });

  it("when the server is too old", async () => {
    const port = await fakePostgres("13.14");
    expect(await refusal({ env: { DATABASE_URL: `postgres://me@127.0.0.1:${port}/db` } })).toBe(
      `The database at 127.0.0.1:${port}/db is PostgreSQL 13.14; Idem needs 14 or newer. Upgrade the server, or point DATABASE_URL at a newer one.`,
    );
  });

  it("when a migration is half-applied", async () => {
    const database = await createTestDatabase();
    cleanUps.push(() => database.close());
    const { rows } = await database.pool.query(
      "update _prisma_migrations set finished_at = null returning migration_name",
    );
    const line = await refusal({ env: { DATABASE_URL: database.url } });
    expect(line).toContain(`The migration ${rows[0].migration_name} is half-applied.`);
  });

  it("when IDEM_HOME lies below a file", async () => {
    const home = await makeHome();
    cleanUps.push(() => removeHome(home));
    const file = join(home, "file");
    await writeFile(file, "");
    const line = await refusal({ home: join(file, "home") });
    expect(line).toMatch(/^IDEM_HOME .*\/file\/home cannot be written: ENOTDIR/);
  });

  it("when an ordinary account may not write IDEM_HOME", async () => {
    const home = await makeHome();
    cleanUps.push(() => rm(home, { recursive: true, force: true }));
    await mkdir(join(home, "flows"));
    await chmod(home, 0o555);
    const line = await refusal(isRoot ? { home, account: nobody } : { home });
    expect(line).toMatch(/^IDEM_HOME .* cannot be written: EACCES/);
  });
});

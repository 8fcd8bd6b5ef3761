import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { gone } from "../../../test/product.ts";
import { type EmbeddedOptions, type EmbeddedServer, startEmbedded } from "./cluster.ts";
import { isAlive, readPostmaster } from "./postmaster.ts";

const GONE_LIMIT_MS = 20_000;

let home: string;
let servers: EmbeddedServer[];
let told: string[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "idem-cluster-"));
  servers = [];
  told = [];
});
afterEach(async () => {
  for (const server of servers) await server.stop();
  await rm(home, { recursive: true, force: true });
});

async function start(options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedServer> {
  const log = (message: string) => told.push(message);
  const server = await startEmbedded({ home, durability: "process", log, ...options });
  servers.push(server);
  return server;
}

async function query<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe("the first start", () => {
  it("creates a cluster that keeps what it has confirmed and listens on loopback only", async () => {
    const server = await start({ durability: "disk" });
    const settings = await query<{ name: string; setting: string }>(
      server.url,
      `select name, setting from pg_settings where name in
        ('fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums', 'listen_addresses',
         'unix_socket_directories', 'password_encryption', 'server_encoding', 'TimeZone')`,
    );
    expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: "on",
      synchronous_commit: "on",
      full_page_writes: "on",
      data_checksums: "on",
      listen_addresses: "127.0.0.1",
      unix_socket_directories: "",
      password_encryption: "scram-sha-256",
      server_encoding: "UTF8",
      TimeZone: "UTC",
    });
    const url = new URL(server.url);
    url.password = "";
    await expect(query(url.href, "select 1")).rejects.toThrow(/password/);
    expect((await stat(join(home, "postgres.json"))).mode & 0o777).toBe(0o600);
    expect(existsSync(`${server.dataDir}.password`)).toBe(false);
  });

  it("goes on after one that was killed in the middle", async () => {
    const { dataDir } = await start();
    await servers[0]?.stop();
    const file = join(home, "postgres.json");
    const settings = JSON.parse(await readFile(file, "utf8"));
    await rm(dataDir, { recursive: true });
    await mkdir(`${dataDir}.new`);
    await writeFile(join(`${dataDir}.new`, "PG_VERSION"), "18");
    await writeFile(file, JSON.stringify({ ...settings, initialised: false }));
    const server = await start();
    expect(await query(server.url, "select 1 as one")).toEqual([{ one: 1 }]);
  });
});

describe("a later start", () => {
  it("finds the server running", async () => {
    const first = await start();
    const second = await start();
    expect(second).toMatchObject({ pid: first.pid, url: first.url, reattached: true });
  });

  it("starts it again with what it had confirmed after a SIGKILL", async () => {
    const first = await start();
    await query(first.url, "create table kept as select generate_series(1, 1000) as n");
    process.kill(first.pid, "SIGKILL");
    // On a busy machine a process lives on for a moment.
    await gone(first.pid, GONE_LIMIT_MS);
    const second = await start();
    expect(second.reattached).toBe(false);
    expect(await query(second.url, "select count(*)::int as n from kept")).toEqual([{ n: 1000 }]);
  });

  it("keeps its port, and moves only when somebody else has it", async () => {
    const first = await start();
    await first.stop();
    const second = await start();
    expect(second.port).toBe(first.port);
    await second.stop();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(first.port, "127.0.0.1", resolve));
    const third = await start();
    other.close();
    expect(third.port).not.toBe(first.port);
    expect(told.join("\n")).toContain(`Port ${first.port} is taken`);
    expect(await query(third.url, "select 1 as one")).toEqual([{ one: 1 }]);
  });

  it("is not misled by another process that has the old server's id", async () => {
    const first = await start();
    await first.stop();
    const stranger = spawn("sleep", ["60"], { cwd: "/" });
    await writeFile(
      join(first.dataDir, "postmaster.pid"),
      `${stranger.pid}\n${first.dataDir}\n0\n${first.port}\n\n127.0.0.1\n\nready\n`,
    );
    expect(await readPostmaster(first.dataDir)).toBe("stale");
    const second = await start();
    expect(second.reattached).toBe(false);
    expect(isAlive(stranger.pid ?? 0)).toBe(true);
    stranger.kill("SIGKILL");
  });

  it.each([
    {
      what: "its folder is gone",
      harm: (dataDir: string) => rm(dataDir, { recursive: true }),
      want: /^The database folder .* is gone\.$/,
    },
    {
      what: "the data are of another version",
      harm: (dataDir: string) => writeFile(join(dataDir, "PG_VERSION"), "14\n"),
      want: /is of PostgreSQL 14, this version of Idem brings \d+\.$/,
    },
    {
      what: "the settings are damaged",
      harm: (dataDir: string) => writeFile(join(dirname(dataDir), "postgres.json"), "{"),
      want: /postgres\.json is damaged\.$/,
    },
    {
      what: "the server refuses",
      harm: (dataDir: string) => rm(join(dataDir, "global"), { recursive: true }),
      want: /^The embedded PostgreSQL did not start: .+\.$/,
    },
  ])("says in one sentence that $what", async ({ harm, want }) => {
    const { dataDir } = await start();
    await servers.pop()?.stop();
    await harm(dataDir);
    await expect(start()).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringMatching(want),
    });
  });
});

it("puts the data elsewhere when root's home is closed to the server's account", {
  skip: process.getuid?.() !== 0,
}, async () => {
  const below = join(home, "closed", "home");
  await mkdir(below, { recursive: true });
  await chmod(join(home, "closed"), 0o700);
  const server = await start({ home: below });
  expect(server.dataDir).toMatch(/^\/var\/lib\/idem\/[0-9a-f]{16}\/postgres$/);
  expect(await query(server.url, "select 1 as one")).toEqual([{ one: 1 }]);
  await server.stop();
  await rm(dirname(server.dataDir), { recursive: true });
});

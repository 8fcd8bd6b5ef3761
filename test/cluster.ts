/** One embedded PostgreSQL for a whole test command, gone when the command ends. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbedded } from "#server/db/embedded/cluster.ts";
import { isAlive, readPostmaster } from "#server/db/embedded/postmaster.ts";
import { readSettings } from "#server/db/embedded/settings.ts";

const PREFIX = "idem-test-";
const OWNER_FILE = "owner.pid";

/** Stops and removes clusters whose test command was killed before it could clean up. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const home = join(tmpdir(), name);
    const owner = Number(await readFile(join(home, OWNER_FILE), "utf8").catch(() => "NaN"));
    if (!Number.isInteger(owner) || isAlive(owner)) continue;
    const settings = await readSettings(home);
    const running = settings && (await readPostmaster(settings.dataDir));
    if (running && running !== "stale") process.kill(running.pid, "SIGQUIT");
    await rm(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

export interface TestCluster {
  /** Connection string of the maintenance database, for a role that may create databases. */
  url: string;
  stop(): Promise<void>;
}

/** Starts a fresh cluster below the temporary folder. Commits survive killed processes. */
export async function startTestCluster(): Promise<TestCluster> {
  await removeLeftovers();
  const home = await mkdtemp(join(tmpdir(), PREFIX));
  await writeFile(join(home, OWNER_FILE), String(process.pid));
  const server = await startEmbedded({ home, durability: "process" });
  const url = new URL(server.url);
  url.pathname = "/postgres";
  return {
    url: url.href,
    async stop() {
      await server.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

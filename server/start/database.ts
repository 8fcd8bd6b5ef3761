/** The database of a start: the embedded one or an external one, reachable and migrated. */
import { connectChecked } from "#server/db/connection.ts";
import { type EmbeddedServer, startEmbedded } from "#server/db/embedded/cluster.ts";
import { migrate } from "#server/db/migrate.ts";

const WATCH_MS = 500;
const RETRY_MS = 1_000;

export interface Database {
  /** Connection string; changes when the embedded server had to move to another port. */
  readonly url: string;
  /**
   * Starts the embedded server again whenever it dies, until `stop`.
   * @param onMoved told the new connection string when it came back at another place
   */
  watch(onMoved: (url: string) => void): void;
  stop(): Promise<void>;
}

export interface DatabaseOptions {
  home: string;
  /** External server; undefined starts the embedded one. */
  url: string | undefined;
  migrations: string;
  log: (message: string) => void;
}

/** @throws AppError with one sentence when the server cannot be used or migrated */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { home, migrations, log } = options;
  let server: EmbeddedServer | null = null;
  if (options.url === undefined) {
    server = await startEmbedded({ home, log });
    if (server.reattached) log(`Found the embedded PostgreSQL running (process ${server.pid})`);
  }
  const url = options.url ?? server?.url ?? "";
  try {
    const client = await connectChecked(url, "idem start");
    try {
      for (const name of await migrate(client, migrations)) log(`Applied migration ${name}`);
    } finally {
      await client.end();
    }
  } catch (error) {
    await server?.stop();
    throw error;
  }
  return server === null ? external(url) : embedded(server, options);
}

function external(url: string): Database {
  return { url, watch: () => {}, stop: async () => {} };
}

function embedded(first: EmbeddedServer, { home, log }: DatabaseOptions): Database {
  let server = first;
  let stopping = false;
  let timer: NodeJS.Timeout | null = null;
  let reviving: Promise<void> = Promise.resolve();

  async function revive(onMoved: (url: string) => void): Promise<void> {
    log("The embedded PostgreSQL ended, starting it again");
    try {
      const next = await startEmbedded({ home, log });
      const moved = next.url !== server.url;
      server = next;
      if (moved) onMoved(next.url);
    } catch (error) {
      log(error instanceof Error ? error.message : String(error));
    }
  }

  return {
    get url() {
      return server.url;
    },
    watch(onMoved) {
      const look = () => {
        if (stopping) return;
        if (server.isAlive()) {
          timer = setTimeout(look, WATCH_MS);
          return;
        }
        reviving = revive(onMoved);
        void reviving.then(() => {
          if (!stopping) timer = setTimeout(look, RETRY_MS);
        });
      };
      look();
    },
    async stop() {
      stopping = true;
      if (timer) clearTimeout(timer);
      await reviving;
      await server.stop();
    },
  };
}

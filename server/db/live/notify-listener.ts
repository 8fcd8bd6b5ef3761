/** A connection that listens for notifications and comes back by itself. */
import pg from "pg";

export interface ListenOptions {
  /** Shown in pg_stat_activity. */
  name: string;
  channels: readonly string[];
  onNotification: (channel: string, payload: string) => void;
  /** Called each time listening begins: whatever happened before may have been missed. */
  onListening: () => void;
  /** Told about every broken connection and failed attempt. Listening goes on. */
  onError: (error: unknown) => void;
}

export interface Listener {
  close(): Promise<void>;
}

const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 2_000;
/** A connection that is cut without a word is found out by asking. */
const PROBE_EVERY_MS = 10_000;
const PROBE_LIMIT_MS = 5_000;

/** Listens from soon on until closed. Never throws; what goes wrong is told and tried again. */
export function listen(url: string, options: ListenOptions): Listener {
  let client: pg.Client | null = null;
  let closed = false;
  let delayMs = FIRST_DELAY_MS;
  let timer: NodeJS.Timeout | undefined;
  let probe: NodeJS.Timeout | undefined;

  const lose = (lost: pg.Client, error: unknown): void => {
    if (client !== lost) return;
    client = null;
    clearInterval(probe);
    lost.end().catch(() => {
      // It is broken: there is nothing left to close in good order.
    });
    if (closed) return;
    options.onError(error);
    timer = setTimeout(open, delayMs);
    delayMs = Math.min(LONGEST_DELAY_MS, delayMs * 2);
  };

  const open = (): void => {
    if (closed) return;
    const opening = new pg.Client({
      connectionString: url,
      application_name: options.name,
      keepAlive: true,
      connectionTimeoutMillis: PROBE_LIMIT_MS,
      query_timeout: PROBE_LIMIT_MS,
    });
    client = opening;
    opening.on("error", (error) => lose(opening, error));
    opening.on("end", () => lose(opening, new Error("the connection ended")));
    opening.on("notification", ({ channel, payload }) =>
      options.onNotification(channel, payload ?? ""),
    );
    const start = async (): Promise<void> => {
      await opening.connect();
      for (const channel of options.channels) {
        await opening.query(`listen ${opening.escapeIdentifier(channel)}`);
      }
    };
    start().then(
      () => {
        if (client !== opening) return;
        delayMs = FIRST_DELAY_MS;
        probe = setInterval(() => {
          opening.query("select 1").catch((error: unknown) => lose(opening, error));
        }, PROBE_EVERY_MS);
        options.onListening();
      },
      (error: unknown) => lose(opening, error),
    );
  };
  open();

  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      clearInterval(probe);
      const open = client;
      client = null;
      await open?.end();
    },
  };
}

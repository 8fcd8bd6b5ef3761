/** The web side of live views: one LISTEN connection for all open pages of the process. */
import { decodeRuns, LIVE_CHANNEL } from "../db/live/notify.ts";
import { listen } from "../db/live/notify-listener.ts";

export type RunsListener = (runIds: ReadonlySet<string> | "all") => void;

export interface LiveHub {
  /**
   * Reports which runs changed, gathered over some 50 ms; `all` after a reconnect, when anything may
   * have been missed.
   * @returns ends the subscription
   */
  subscribe(listener: RunsListener): () => void;
  close(): Promise<void>;
}

const GATHER_MS = 50;

/**
 * Opens the hub. It connects in the background and reconnects for ever.
 * @param onError told about broken connections; a page notices nothing but a delay
 */
export function openLiveHub(url: string, onError: (error: unknown) => void = () => {}): LiveHub {
  const listeners = new Set<RunsListener>();
  let changed: Set<string> | "all" = new Set();
  let timer: NodeJS.Timeout | undefined;

  const report = (): void => {
    timer = undefined;
    const runs = changed;
    changed = new Set();
    for (const listener of [...listeners]) listener(runs);
  };
  const gather = (runs: ReadonlySet<string> | "all"): void => {
    if (runs === "all" || changed === "all") changed = "all";
    else for (const id of runs) changed.add(id);
    timer ??= setTimeout(report, GATHER_MS);
  };
  const listener = listen(url, {
    name: "idem live",
    channels: [LIVE_CHANNEL],
    onNotification: (_, payload) => gather(decodeRuns(payload)),
    onListening: () => gather("all"),
    onError,
  });

  return {
    subscribe(subscriber) {
      listeners.add(subscriber);
      return () => listeners.delete(subscriber);
    },
    async close() {
      clearTimeout(timer);
      listeners.clear();
      await listener.close();
    },
  };
}

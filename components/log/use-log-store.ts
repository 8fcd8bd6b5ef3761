"use client";
import { useEffect, useMemo, useSyncExternalStore } from "react";
import { useTRPCClient } from "#components/shell/api.tsx";
import type { LogPlace } from "./copy-log.ts";
import { type LogStatus, LogStore } from "./log-store.ts";

/** How often a live log is asked for new lines, in milliseconds. */
const EVERY_MS = 600;
/** After an error, so that a server that is down is not asked all the time. */
const AFTER_ERROR_MS = 3_000;

/** The log of one attempt; loaded at once and followed until it is complete. */
export function useLogStore({ run, task, item, attempt }: LogPlace): {
  store: LogStore;
  status: LogStatus;
} {
  const client = useTRPCClient();
  const store = useMemo(
    () =>
      new LogStore((from, count) =>
        client.runs.log.query({
          id: run,
          task,
          attempt,
          from,
          count,
          ...(item === undefined ? {} : { item }),
        }),
      ),
    [client, run, task, item, attempt],
  );
  const status = useSyncExternalStore(store.subscribe, store.status, store.status);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    let stopped = false;
    const look = async () => {
      if (document.visibilityState === "visible") await store.refresh();
      const { complete, error } = store.status();
      if (!stopped && !complete) {
        timer = setTimeout(() => void look(), error === null ? EVERY_MS : AFTER_ERROR_MS);
      }
    };
    void look();
    return () => {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
    };
  }, [store]);
  return { store, status };
}

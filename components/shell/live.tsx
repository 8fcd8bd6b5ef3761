"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useEffectEvent,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { useTRPC } from "./api.tsx";

/** Ids of the runs that changed; "all" after a cut, when anything may have. */
export type RunChange = readonly string[] | "all";

interface Live {
  listen: (listener: (change: RunChange) => void) => () => void;
  /** True once the connection has been gone for three seconds, until the data has caught up. */
  lost: boolean;
}

const LiveContext = createContext<Live | null>(null);

const LOST_AFTER_MS = 3_000;
const HIDDEN_AFTER_MS = 10_000;
const REFRESH_EVERY_MS = 300;

/**
 * True while the page is in sight, and for ten seconds after. A browser allows six connections to a
 * server: pages in the background give theirs back, and catch up when they are looked at again.
 */
export function useInSight(): boolean {
  const visible = useSyncExternalStore(
    (listener) => {
      document.addEventListener("visibilitychange", listener);
      return () => document.removeEventListener("visibilitychange", listener);
    },
    () => document.visibilityState === "visible",
    () => true,
  );
  const [inSight, setInSight] = useState(true);
  useEffect(() => {
    if (visible) {
      setInSight(true);
      return;
    }
    const timer = setTimeout(() => setInSight(false), HIDDEN_AFTER_MS);
    return () => clearTimeout(timer);
  }, [visible]);
  return visible || inSight;
}

/** Calls `run` at once and then at most every `everyMs`; a call in between is made up for. */
function useThrottled(run: () => void, everyMs: number): () => void {
  const act = useEffectEvent(run);
  const state = useRef<{ timer: ReturnType<typeof setTimeout> | null; again: boolean }>({
    timer: null,
    again: false,
  });
  useEffect(() => {
    const current = state.current;
    return () => {
      if (current.timer !== null) clearTimeout(current.timer);
      current.timer = null;
    };
  }, []);
  return useMemo(() => {
    const tick = () => {
      const current = state.current;
      current.timer = null;
      if (current.again) trigger();
    };
    const trigger = () => {
      const current = state.current;
      if (current.timer !== null) {
        current.again = true;
        return;
      }
      current.again = false;
      current.timer = setTimeout(tick, everyMs);
      act();
    };
    return trigger;
  }, [everyMs]);
}

/** Holds the page's one subscription to changes of runs and keeps lists fresh by it. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const inSight = useInSight();
  const listeners = useRef(new Set<(change: RunChange) => void>());
  const [lost, setLost] = useState(false);
  const [online, setOnline] = useState(true);
  const wasCut = useRef(false);

  const refresh = useThrottled(() => {
    const lists = [
      trpc.overview.get.pathKey(),
      trpc.flows.list.pathKey(),
      trpc.flows.grid.pathKey(),
      trpc.schedules.list.pathKey(),
      trpc.backfills.list.pathKey(),
    ];
    for (const queryKey of lists) void queryClient.invalidateQueries({ queryKey });
  }, REFRESH_EVERY_MS);

  const publish = (change: RunChange) => {
    for (const listener of listeners.current) listener(change);
    refresh();
  };

  const subscription = useSubscription(
    trpc.runs.watchAll.subscriptionOptions(
      {},
      { enabled: inSight, onData: (event) => publish(event.data.runs) },
    ),
  );

  const cut =
    inSight && (!online || subscription.status === "error" || subscription.error !== null);
  const connected = subscription.status === "pending" && online;
  const { reset } = subscription;

  useEffect(() => {
    const update = () => setOnline(navigator.onLine);
    update();
    window.addEventListener("online", update);
    window.addEventListener("offline", update);
    return () => {
      window.removeEventListener("online", update);
      window.removeEventListener("offline", update);
    };
  }, []);

  useEffect(() => {
    if (subscription.status !== "error") return;
    const timer = setTimeout(reset, 1_000);
    return () => clearTimeout(timer);
  }, [subscription.status, reset]);

  useEffect(() => {
    if (!inSight) wasCut.current = true;
  }, [inSight]);

  useEffect(() => {
    if (!cut) return;
    wasCut.current = true;
    const timer = setTimeout(() => setLost(true), LOST_AFTER_MS);
    return () => clearTimeout(timer);
  }, [cut]);

  const catchUp = useEffectEvent(async () => {
    publish("all");
    await queryClient.invalidateQueries();
    setLost(false);
  });
  useEffect(() => {
    if (!connected || !wasCut.current) return;
    wasCut.current = false;
    void catchUp();
  }, [connected]);

  const value = useMemo<Live>(
    () => ({
      lost,
      listen(listener) {
        listeners.current.add(listener);
        return () => listeners.current.delete(listener);
      },
    }),
    [lost],
  );
  return <LiveContext value={value}>{children}</LiveContext>;
}

function useLive(): Live {
  const live = useContext(LiveContext);
  if (live === null) throw new Error("Live updates need a LiveProvider above them.");
  return live;
}

/** Calls back with the ids of runs that changed, about ten times a second at most. */
export function useRunChanges(onChange: (change: RunChange) => void): void {
  const { listen } = useLive();
  const act = useEffectEvent(onChange);
  useEffect(() => listen((change) => act(change)), [listen]);
}

/** True while the page has lost touch with the server and may show old data. */
export function useConnectionLost(): boolean {
  return useLive().lost;
}

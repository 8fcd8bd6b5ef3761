"use client";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useEffectEvent, useRef, useState } from "react";
import { useTRPC, useTRPCClient } from "#components/shell/api.tsx";
import { type RunChange, useRunChanges } from "#components/shell/live.tsx";
import { isRunEnded } from "#server/core/run/states.ts";
import type { RunFilter, RunList } from "#server/core/run/view.ts";
import { RUNS_PER_PAGE } from "./runs-per-page.ts";

/** Least time between two looks at rows that changed, in milliseconds. */
const PACE_MS = 250;
/** Wait before a look that failed is made again. */
const AGAIN_MS = 2_000;

/**
 * A page of runs whose rows stay where they are: their states follow what happens, but rows neither
 * come nor go until the list is asked for anew. What came since is counted.
 * @param initial the page as the server rendered it, for the same filter and cursor
 */
export function useRunList(filter: RunFilter, cursor: string | null, initial: RunList | undefined) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queryClient = useQueryClient();
  const input = { filter, limit: RUNS_PER_PAGE, ...(cursor === null ? {} : { cursor }) };
  const options = trpc.runs.list.queryOptions(input, {
    // Never read again by itself, not even when the shell catches up after a cut: rows would move.
    staleTime: "static",
    gcTime: 0,
    refetchOnReconnect: false,
    placeholderData: keepPreviousData,
    ...(initial === undefined ? {} : { initialData: initial }),
  });
  const query = useQuery(options);
  const { queryKey } = options;
  const rows = query.data?.items;
  const newest = rows?.[0]?.id ?? "0";
  const [fresh, setFresh] = useState(0);
  const pending = useRef<Set<string> | "all" | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);

  const asked = useRef(0);
  const shownTurn = useRef(0);
  const refreshRows = useEffectEvent(async (changed: Set<string> | "all") => {
    const shown = queryClient.getQueryData(queryKey)?.items ?? [];
    const ids = shown
      .filter((run) => (changed === "all" ? !isRunEnded(run.state) : changed.has(run.id)))
      .map((run) => run.id);
    if (ids.length > 0) {
      const turn = ++asked.current;
      const updated = await client.runs.byIds.query({ ids });
      // Answers may overtake each other; what is shown never goes back.
      if (turn < shownTurn.current) return;
      shownTurn.current = turn;
      const byId = new Map(updated.map((run) => [run.id, run]));
      queryClient.setQueryData(queryKey, (page) =>
        page === undefined
          ? page
          : { ...page, items: page.items.map((run) => byId.get(run.id) ?? run) },
      );
    }
    const first = shown[0]?.id;
    if (cursor !== null || first === undefined) return;
    const { count } = await client.runs.newSince.query({ filter, after: first });
    // The list may have been read anew while the answer was on its way.
    if (queryClient.getQueryData(queryKey)?.items[0]?.id === first) setFresh(count);
  });

  // At once, then at most every PACE_MS; what comes in between is made up for.
  const look = useEffectEvent(() => {
    const changed = pending.current;
    pending.current = null;
    if (changed === null) return;
    const wait = (ms: number) => {
      if (timer.current !== null) clearTimeout(timer.current);
      timer.current = setTimeout(() => {
        timer.current = null;
        look();
      }, ms);
    };
    wait(PACE_MS);
    refreshRows(changed).catch(() => {
      // The shell says that the server is gone; these rows are looked at again once it is back.
      pending.current = "all";
      if (alive.current) wait(AGAIN_MS);
    });
  });

  const note = useEffectEvent((change: RunChange) => {
    // An empty list has no rows to hold still: it is simply read again.
    if (rows !== undefined && rows.length === 0 && cursor === null) {
      void query.refetch();
      return;
    }
    if (change === "all" || pending.current === "all") pending.current = "all";
    else pending.current = new Set([...(pending.current ?? []), ...change]);
    if (timer.current === null) look();
  });
  useRunChanges(useCallback((change) => note(change), []));
  const alive = useRef(true);
  useEffect(() => {
    alive.current = true;
    return () => {
      alive.current = false;
      if (timer.current !== null) clearTimeout(timer.current);
      timer.current = null;
    };
  }, []);

  // A page that comes back from the history may be old: what was live then is looked at again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another first row is another list
  useEffect(() => {
    setFresh(0);
    note("all");
  }, [newest, cursor]);

  const { refetch } = query;
  const showFresh = useCallback(async () => {
    await refetch();
    setFresh(0);
  }, [refetch]);

  return { query, rows: rows ?? [], next: query.data?.next ?? null, fresh, showFresh };
}

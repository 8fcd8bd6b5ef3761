"use client";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useEffectEvent, useRef, useState } from "react";
import { useTRPC, useTRPCClient } from "#components/shell/api.tsx";
import { type RunChange, useRunChanges } from "#components/shell/live.tsx";
import { isRunEnded } from "#server/core/run/states.ts";
import type { Page, RunFilter, RunSummary } from "#server/core/run/view.ts";
import { RUNS_PER_PAGE } from "./runs-per-page.ts";

/** Least time between two looks at rows that changed, in milliseconds. */
const PACE_MS = 250;

/**
 * A page of runs whose rows stay where they are: their states follow what happens, but rows neither
 * come nor go until the list is asked for anew. What came since is counted.
 * @param initial the page as the server rendered it, for the same filter and cursor
 */
export function useRunList(
  filter: RunFilter,
  cursor: string | null,
  initial: Page<RunSummary> | undefined,
) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queryClient = useQueryClient();
  const input = { filter, limit: RUNS_PER_PAGE, ...(cursor === null ? {} : { cursor }) };
  const options = trpc.runs.list.queryOptions(input, {
    staleTime: Infinity,
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

  const refreshRows = useEffectEvent(async () => {
    const changed = pending.current;
    pending.current = null;
    const shown = queryClient.getQueryData(queryKey)?.items ?? [];
    const ids = shown
      .filter((run) => (changed === "all" ? !isRunEnded(run.state) : changed?.has(run.id)))
      .map((run) => run.id);
    const [updated, news] = await Promise.all([
      ids.length === 0 ? [] : client.runs.byIds.query({ ids }),
      cursor === null && shown.length > 0
        ? client.runs.newSince.query({ filter, after: shown[0]?.id ?? "1" })
        : null,
    ]);
    if (updated.length > 0) {
      const byId = new Map(updated.map((run) => [run.id, run]));
      queryClient.setQueryData(queryKey, (page) =>
        page === undefined
          ? page
          : { ...page, items: page.items.map((run) => byId.get(run.id) ?? run) },
      );
    }
    if (news !== null) setFresh(news.count);
  });

  const note = useEffectEvent((change: RunChange) => {
    // An empty list has no rows to hold still: it is simply read again.
    if (rows !== undefined && rows.length === 0 && cursor === null) {
      void query.refetch();
      return;
    }
    if (change === "all" || pending.current === "all") pending.current = "all";
    else pending.current = new Set([...(pending.current ?? []), ...change]);
    timer.current ??= setTimeout(() => {
      timer.current = null;
      // A failed look is made up for by the next report; the shell says when the server is gone.
      void refreshRows().catch(() => undefined);
    }, PACE_MS);
  });
  useRunChanges(useCallback((change) => note(change), []));
  useEffect(() => {
    return () => {
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

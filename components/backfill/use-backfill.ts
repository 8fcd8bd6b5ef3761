"use client";
import { useQuery } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { useCallback, useEffect, useState } from "react";
import { useTRPC } from "#components/shell/api.tsx";
import { useInSight } from "#components/shell/live.tsx";
import type { BackfillCells, BackfillDetail } from "#server/core/backfill/view.ts";
import { applyDelta } from "./apply-delta.ts";

/** Wait before a broken subscription is opened anew, in milliseconds. */
const AGAIN_MS = 1_000;

/**
 * A backfill and all its cells, kept up to date. The cells come after the page, since only a browser
 * can draw them; from then on what changes is sent. After a cut the server sends all that changed
 * since, so nothing is missed.
 * @param initial the backfill as the server rendered it
 */
export function useBackfill(initial: BackfillDetail) {
  const trpc = useTRPC();
  const inSight = useInSight();
  const [backfill, setBackfill] = useState(initial);
  const [cells, setCells] = useState<BackfillCells | null>(null);
  if (backfill.id !== initial.id) {
    setBackfill(initial);
    setCells(null);
  }
  const query = useQuery(
    trpc.backfills.cells.queryOptions(
      { id: initial.id },
      { staleTime: Number.POSITIVE_INFINITY, gcTime: 0, refetchOnWindowFocus: false },
    ),
  );
  const loaded = query.data;
  const [taken, setTaken] = useState<BackfillCells | undefined>(undefined);
  if (loaded !== undefined && loaded !== taken) {
    setTaken(loaded);
    setCells(loaded);
  }
  const subscription = useSubscription(
    trpc.backfills.watch.subscriptionOptions(
      { id: initial.id, version: loaded?.version ?? "0" },
      {
        enabled: inSight && loaded !== undefined,
        onData: ({ data }) => {
          setBackfill(data.backfill);
          setCells((shown) =>
            shown === null ? null : applyDelta(shown, data.version, data.changed),
          );
        },
      },
    ),
  );
  const { status, reset } = subscription;
  useEffect(() => {
    if (status !== "error") return;
    const timer = setTimeout(reset, AGAIN_MS);
    return () => clearTimeout(timer);
  }, [status, reset]);
  const { refetch } = query;
  /** Reads all cells again: a plan that was replaced may have others. */
  const reload = useCallback(() => void refetch(), [refetch]);
  return { backfill, setBackfill, cells, query, reload };
}

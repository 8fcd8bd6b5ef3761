"use client";
import { useSubscription } from "@trpc/tanstack-react-query";
import { useEffect, useState } from "react";
import { useTRPC } from "#components/shell/api.tsx";
import { useInSight } from "#components/shell/live.tsx";
import type { RunDetail } from "#server/core/run/view.ts";
import { mergeDelta } from "./merge-delta.ts";

/** Wait before a broken subscription is opened anew, in milliseconds. */
const AGAIN_MS = 1_000;

/**
 * A run that stays up to date. After a cut the server sends everything again, so nothing is missed;
 * pages in the background give their connection back and catch up when they are looked at.
 * @param initial the run as the server rendered it
 */
export function useRun(initial: RunDetail): RunDetail {
  const trpc = useTRPC();
  const inSight = useInSight();
  const [run, setRun] = useState(initial);
  // The page of another run, or one rendered later: never older than what is shown.
  if (run.id !== initial.id || run.version < initial.version) setRun(initial);
  const subscription = useSubscription(
    trpc.runs.watch.subscriptionOptions(
      { id: initial.id },
      {
        enabled: inSight,
        onData: ({ data }) => setRun((shown) => mergeDelta(shown, data)),
      },
    ),
  );
  const { status, reset } = subscription;
  useEffect(() => {
    if (status !== "error") return;
    const timer = setTimeout(reset, AGAIN_MS);
    return () => clearTimeout(timer);
  }, [status, reset]);
  return run;
}

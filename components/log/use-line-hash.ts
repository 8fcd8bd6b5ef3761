"use client";
import { useMemo, useSyncExternalStore } from "react";
import { type LineRange, lineHash, parseLineHash } from "./line-range.ts";

const changed = "idem:line-hash";

function subscribe(listener: () => void): () => void {
  window.addEventListener("hashchange", listener);
  window.addEventListener(changed, listener);
  return () => {
    window.removeEventListener("hashchange", listener);
    window.removeEventListener(changed, listener);
  };
}

/** Sets or clears the lines in the address without a new entry in the history. */
export function setLineHash(range: LineRange | null): void {
  const { pathname, search } = window.location;
  const hash = range === null ? "" : lineHash(range);
  window.history.replaceState(window.history.state, "", `${pathname}${search}${hash}`);
  window.dispatchEvent(new Event(changed));
}

/** The lines that the address names, `#L120-L140`. */
export function useLineHash(): LineRange | null {
  const hash = useSyncExternalStore(
    subscribe,
    () => window.location.hash,
    () => "",
  );
  return useMemo(() => parseLineHash(hash), [hash]);
}

/** The lines in the address at this moment, for event handlers. */
export const lineHashNow = (): LineRange | null => parseLineHash(window.location.hash);

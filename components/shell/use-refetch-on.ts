"use client";
import { useEffect, useRef } from "react";

/**
 * Reads a list anew as soon as `version` is another one: what it is a part of has moved on, and may
 * have ended, after which nobody asks again.
 * @param version null while nothing is shown that could be old
 */
export function useRefetchOn(refetch: () => Promise<unknown>, version: string | null): void {
  const known = useRef(version);
  useEffect(() => {
    const before = known.current;
    known.current = version;
    if (before === version || before === null || version === null) return;
    void refetch();
  }, [version, refetch]);
}

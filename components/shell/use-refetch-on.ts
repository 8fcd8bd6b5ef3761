"use client";
import { useEffect, useRef } from "react";

/**
 * Reads a list anew as soon as `version` is another one: what it is a part of has moved on, and may
 * have ended, after which nobody asks again.
 */
export function useRefetchOn(refetch: () => Promise<unknown>, version: string): void {
  const known = useRef(version);
  useEffect(() => {
    if (known.current === version) return;
    known.current = version;
    void refetch();
  }, [version, refetch]);
}

"use client";
import { useEffect, useRef, useState } from "react";

/**
 * The server's time in epoch milliseconds, going on by the browser's monotonic clock from the moment
 * `serverNow` arrived: the browser's own clock may be wrong.
 * @param serverNow ISO time the data on screen was read at
 * @param everyMs how often to tick; null stands still (nothing on screen is live)
 */
export function useNow(serverNow: string, everyMs: number | null = 1_000): number {
  const start = new Date(serverNow).getTime();
  const [now, setNow] = useState(start);
  const anchor = useRef<{ start: number; at: number } | null>(null);
  useEffect(() => {
    anchor.current = { start, at: performance.now() };
    setNow(start);
    if (everyMs === null) return;
    const timer = setInterval(() => {
      const base = anchor.current;
      if (base !== null) setNow(base.start + performance.now() - base.at);
    }, everyMs);
    return () => clearInterval(timer);
  }, [start, everyMs]);
  return now;
}

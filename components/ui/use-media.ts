"use client";
import { useSyncExternalStore } from "react";

/** Whether a media query holds, live. The server assumes that it does not. */
export function useMedia(media: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const query = matchMedia(media);
      query.addEventListener("change", listener);
      return () => query.removeEventListener("change", listener);
    },
    () => matchMedia(media).matches,
    () => false,
  );
}

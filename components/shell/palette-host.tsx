"use client";
import { useTranslations } from "next-intl";
import { useEffect, useEffectEvent, useState } from "react";
import { toast } from "sonner";
import type { Palette } from "./palette.tsx";

/** Calls back when the browser has nothing else to do. */
function whenIdle(run: () => void): () => void {
  if (typeof requestIdleCallback === "undefined") {
    const timer = setTimeout(run, 500);
    return () => clearTimeout(timer);
  }
  const handle = requestIdleCallback(run, { timeout: 3_000 });
  return () => cancelIdleCallback(handle);
}

/**
 * Holds the palette, which no page needs to be read: it is fetched when the page is idle, or when it
 * is asked for before that.
 */
export function PaletteHost({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const t = useTranslations("errors");
  const [View, setView] = useState<typeof Palette | null>(null);
  const load = useEffectEvent(async (asked: boolean) => {
    try {
      const loaded = await import("./palette.tsx");
      setView(() => loaded.Palette);
    } catch {
      // Nobody waits for it yet: asking for it tries again.
      if (!asked) return;
      onOpenChange(false);
      toast.error(t("noAnswer"));
    }
  });
  useEffect(() => whenIdle(() => void load(false)), []);
  const missing = open && View === null;
  useEffect(() => {
    if (missing) void load(true);
  }, [missing]);
  return View === null ? null : <View open={open} onOpenChange={onOpenChange} />;
}

"use client";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import { type ReactNode, useEffect } from "react";
import { ZoneProvider } from "#components/time/zone.tsx";
import { Toaster } from "#components/ui/toaster.tsx";
import { ApiProvider } from "./api.tsx";
import { LiveProvider } from "./live.tsx";
import { type Preferences, remember } from "./preferences.ts";
import { ShortcutsProvider } from "./shortcuts.tsx";

/** Everything components rely on, in the order they rely on each other. */
export function Providers({
  preferences,
  children,
}: {
  preferences: Preferences;
  children: ReactNode;
}) {
  useEffect(() => {
    if (/Mac|iPhone|iPad/.test(navigator.userAgent)) document.documentElement.dataset.mac = "";
  }, []);
  return (
    <ApiProvider>
      <NuqsAdapter>
        <ZoneProvider
          initialMode={preferences.zoneMode}
          initialZone={preferences.localZone}
          remember={remember}
        >
          <ShortcutsProvider>
            <LiveProvider>{children}</LiveProvider>
            <Toaster />
          </ShortcutsProvider>
        </ZoneProvider>
      </NuqsAdapter>
    </ApiProvider>
  );
}

"use client";
import { parseAsStringLiteral, useQueryState } from "nuqs";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { isZone, type ZoneMode, zoneModes } from "./format.ts";

interface ZoneValue {
  mode: ZoneMode;
  /** The browser's zone, or what it was at the last visit until the page has come alive. */
  localZone: string;
  setMode: (mode: ZoneMode) => void;
}

const ZoneContext = createContext<ZoneValue | null>(null);
const FlowZoneContext = createContext<string | null>(null);

/**
 * The one switch for times on screen: UTC, the browser's zone or the flow's. The URL (`?tz=`) comes
 * first, so that a link shows what its sender saw; the last choice is kept in a cookie.
 */
export function ZoneProvider({
  initialMode,
  initialZone,
  remember,
  children,
}: {
  initialMode: ZoneMode;
  initialZone: string;
  /** Keeps a choice for the next visit. */
  remember: (name: "idem_tz" | "idem_zone", value: string) => void;
  children: ReactNode;
}) {
  const [shared, setShared] = useQueryState("tz", parseAsStringLiteral(zoneModes));
  const [chosen, setChosen] = useState(initialMode);
  const [localZone, setLocalZone] = useState(initialZone);
  useEffect(() => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (!isZone(zone)) return;
    setLocalZone(zone);
    remember("idem_zone", zone);
  }, [remember]);
  const value = useMemo<ZoneValue>(
    () => ({
      mode: shared ?? chosen,
      localZone,
      setMode(mode) {
        remember("idem_tz", mode);
        setChosen(mode);
        void setShared(mode);
      },
    }),
    [shared, chosen, localZone, setShared, remember],
  );
  return <ZoneContext value={value}>{children}</ZoneContext>;
}

/** Names the zone of the flow that the page is about, for the mode `flow`. */
export function FlowZone({ zone, children }: { zone: string; children: ReactNode }) {
  return <FlowZoneContext value={zone}>{children}</FlowZoneContext>;
}

/** The switch itself. Throws outside of `ZoneProvider`. */
export function useZoneMode(): ZoneValue {
  const value = useContext(ZoneContext);
  if (value === null) throw new Error("useZoneMode needs a ZoneProvider above it.");
  return value;
}

/** The IANA zone in which to show a time. `flowZone` overrides the zone of the page's flow. */
export function useZone(flowZone?: string): string {
  const { mode, localZone } = useZoneMode();
  const pageZone = useContext(FlowZoneContext);
  if (mode === "utc") return "UTC";
  if (mode === "local") return localZone;
  return flowZone ?? pageZone ?? "UTC";
}

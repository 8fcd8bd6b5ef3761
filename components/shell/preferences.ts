import { isZone, type ZoneMode, zoneModes } from "#components/time/format.ts";

/** What a visitor has chosen for the look of the interface; each lives in a cookie of its own. */
export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

export interface Preferences {
  theme: Theme;
  zoneMode: ZoneMode;
  /** The browser's zone at the last visit, so that the first paint already shows local times. */
  localZone: string;
}

export type PreferenceCookie = "idem_theme" | "idem_tz" | "idem_zone" | "idem_locale";

function oneOf<Value extends string>(
  values: readonly Value[],
  stored: string | undefined,
  otherwise: Value,
): Value {
  return values.find((value) => value === stored) ?? otherwise;
}

/** Reads the cookies; what is unknown or damaged falls back to the default. */
export function readPreferences(
  cookie: (name: PreferenceCookie) => string | undefined,
): Preferences {
  const zone = cookie("idem_zone");
  return {
    theme: oneOf(themes, cookie("idem_theme"), "system"),
    zoneMode: oneOf(zoneModes, cookie("idem_tz"), "local"),
    localZone: zone !== undefined && isZone(zone) ? zone : "UTC",
  };
}

/** Stores a choice for a year. Browser only. */
export function remember(name: PreferenceCookie, value: string): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in some browsers
  document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=31536000; samesite=lax`;
}

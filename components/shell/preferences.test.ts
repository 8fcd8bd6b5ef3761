import { expect, it } from "vitest";
import { readPreferences } from "./preferences.ts";

it("reads what was stored", () => {
  const jar: Record<string, string> = {
    idem_theme: "dark",
    idem_tz: "flow",
    idem_zone: "Asia/Seoul",
  };
  expect(readPreferences((name) => jar[name])).toEqual({
    theme: "dark",
    zoneMode: "flow",
    localZone: "Asia/Seoul",
  });
});

it("falls back where a cookie is missing or damaged", () => {
  const jar: Record<string, string> = { idem_theme: "pink", idem_zone: "<script>" };
  expect(readPreferences((name) => jar[name])).toEqual({
    theme: "system",
    zoneMode: "local",
    localZone: "UTC",
  });
});

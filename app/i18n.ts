import { cookies, headers } from "next/headers";
import { getRequestConfig } from "next-intl/server";
import { chooseLocale, type Locale } from "#components/shell/locale.ts";

/** One catalogue file per area; a page of a new area adds its name here and a file per locale. */
const areas = [
  "common",
  "home",
  "flows",
  "flow",
  "advice",
  "run-form",
  "runs",
  "bulk",
  "backfills",
  "run",
  "dag",
  "logs",
  "rerun",
  "compare",
  "schedules",
  "queue",
  "runners",
  "inbox",
  "notifications",
  "errors",
  "shortcuts",
] as const;

type Area = (typeof areas)[number];

/** `run-form` is read as `runForm`: namespaces are words of code, files are kebab-case. */
function namespaceOf(area: Area): string {
  return area.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

async function loadMessages(locale: Locale) {
  const loaded = await Promise.all(
    areas.map(async (area) => {
      const file = (await import(`../messages/${locale}/${area}.json`)) as { default: object };
      return [namespaceOf(area), file.default] as const;
    }),
  );
  return Object.fromEntries(loaded);
}

/** Locale of a request: the cookie set by the switch, else the browser's Accept-Language. */
export default getRequestConfig(async () => {
  const [jar, head] = await Promise.all([cookies(), headers()]);
  const locale = chooseLocale(jar.get("idem_locale")?.value, head.get("accept-language"));
  return { locale, messages: await loadMessages(locale), timeZone: "UTC" };
});

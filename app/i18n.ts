import { cookies, headers } from "next/headers";
import { getRequestConfig } from "next-intl/server";
import { chooseLocale } from "#components/shell/locale.ts";
import { messages as en } from "#messages/en.ts";
import { messages as ko } from "#messages/ko.ts";

/** Locale of a request: the cookie set by the switch, else the browser's Accept-Language. */
export default getRequestConfig(async () => {
  const [jar, head] = await Promise.all([cookies(), headers()]);
  const locale = chooseLocale(jar.get("idem_locale")?.value, head.get("accept-language"));
  return { locale, messages: { en, ko }[locale], timeZone: "UTC" };
});

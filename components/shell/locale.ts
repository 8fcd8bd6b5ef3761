/** Languages of the interface. The first one is used when nothing else fits. */
export const locales = ["en", "ko"] as const;
export type Locale = (typeof locales)[number];

/** Each language in its own words, for the switch. */
export const localeNames: Readonly<Record<Locale, string>> = { en: "English", ko: "한국어" };

export function isLocale(value: string | undefined): value is Locale {
  return (locales as readonly (string | undefined)[]).includes(value);
}

/**
 * The language of a request.
 * @param stored value of the cookie; anything unknown is ignored
 * @param accepted the Accept-Language header (RFC 9110 §12.5.4): tags with optional weights
 */
export function chooseLocale(stored: string | undefined, accepted: string | null): Locale {
  if (isLocale(stored)) return stored;
  const wishes = (accepted ?? "")
    .split(",")
    .map((item) => {
      const [tag = "", ...parameters] = item.trim().split(";");
      const weight = parameters.map((p) => /^\s*q=([0-9.]+)\s*$/.exec(p)?.[1]).find(Boolean);
      return { tag: tag.trim().toLowerCase(), weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter((wish) => wish.tag !== "" && wish.weight > 0)
    .sort((a, b) => b.weight - a.weight);
  for (const { tag } of wishes) {
    const found = locales.find((locale) => tag === locale || tag.startsWith(`${locale}-`));
    if (found !== undefined) return found;
  }
  return locales[0];
}

import { GeistMono } from "geist/font/mono";
import { GeistSans } from "geist/font/sans";
import type { Metadata, Viewport } from "next";
import { cookies } from "next/headers";
import { getLocale, getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { EnglishWords } from "#components/shell/english-words.tsx";
import { Frame } from "#components/shell/frame.tsx";
import { KoreanWords } from "#components/shell/korean-words.tsx";
import { readPreferences } from "#components/shell/preferences.ts";
import { Providers } from "#components/shell/providers.tsx";
import "./globals.css";

/** Catalogues are parts of the program, which browsers keep, and come with no page. */
const words = { en: EnglishWords, ko: KoreanWords };

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("common");
  return {
    title: { default: t("product"), template: `%s · ${t("product")}` },
    description: t("tagline"),
  };
}

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f9f9fb" },
    { media: "(prefers-color-scheme: dark)", color: "#0c0d0f" },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const [locale, jar] = await Promise.all([getLocale(), cookies()]);
  const preferences = readPreferences((name) => jar.get(name)?.value);
  const Words = words[locale];
  return (
    <html
      lang={locale}
      data-theme={preferences.theme}
      className={`${GeistSans.variable} ${GeistMono.variable}`}
    >
      <body>
        <Words>
          <Providers preferences={preferences}>
            <Frame initialTheme={preferences.theme}>{children}</Frame>
          </Providers>
        </Words>
      </body>
    </html>
  );
}

"use client";
import { NextIntlClientProvider } from "next-intl";
import type { ReactNode } from "react";
import { messages } from "#messages/ko.ts";

/** The words of all pages below, in Korean. */
export function KoreanWords({ children }: { children: ReactNode }) {
  return (
    <NextIntlClientProvider locale="ko" messages={messages} timeZone="UTC">
      {children}
    </NextIntlClientProvider>
  );
}

"use client";
import { NextIntlClientProvider } from "next-intl";
import type { ReactNode } from "react";
import { messages } from "#messages/en.ts";

/** The words of all pages below, in English. */
export function EnglishWords({ children }: { children: ReactNode }) {
  return (
    <NextIntlClientProvider locale="en" messages={messages} timeZone="UTC">
      {children}
    </NextIntlClientProvider>
  );
}

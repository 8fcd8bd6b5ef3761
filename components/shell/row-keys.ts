"use client";
import { useTranslations } from "next-intl";
import { useShortcut } from "./shortcuts.tsx";

/** Elements that J and K step through; the links or buttons a row is opened by. */
export const rowAttribute = "data-row";

function rows(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(`[${rowAttribute}]`)];
}

/** The row that has focus, or that contains it; null when focus is elsewhere. */
export function focusedRow(): HTMLElement | null {
  return document.activeElement?.closest<HTMLElement>(`[${rowAttribute}]`) ?? null;
}

function step(by: 1 | -1): void {
  const all = rows();
  const here = focusedRow();
  const index = here === null ? (by === 1 ? -1 : all.length) : all.indexOf(here);
  const next = all[Math.min(all.length - 1, Math.max(0, index + by))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

/** J and K move focus through everything marked with `data-row` on the page; Enter opens, as on any link. */
export function useRowKeys(): void {
  const t = useTranslations("shortcuts");
  useShortcut({ keys: "j", label: t("next"), run: () => step(1) });
  useShortcut({ keys: "k", label: t("previous"), run: () => step(-1) });
}

import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { BackfillsPage } from "#components/backfill/backfills-page.tsx";
import { caller } from "#server/trpc/caller.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("common.nav");
  return { title: t("backfills") };
}

export default async function Page() {
  const api = await caller();
  return <BackfillsPage initial={await api.backfills.list()} />;
}

import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { BulksPage } from "#components/bulk/bulks-page.tsx";
import { caller } from "#server/trpc/caller.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("bulk");
  return { title: t("title") };
}

export default async function Page() {
  const api = await caller();
  return <BulksPage initial={await api.bulk.list()} />;
}

import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { RunnersPage } from "#components/runner/runners-page.tsx";
import { caller } from "#server/trpc/caller.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("common.nav");
  return { title: t("runners") };
}

export default async function Page() {
  const api = await caller();
  return <RunnersPage initial={await api.runners.list()} />;
}

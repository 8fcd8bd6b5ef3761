import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { FlowsPage } from "#components/flow/flows-page.tsx";
import { caller } from "#server/trpc/caller.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("common.nav");
  return { title: t("flows") };
}

export default async function Page({ searchParams }: PageProps<"/flows">) {
  const archived = (await searchParams).archived === "true";
  const api = await caller();
  const initial = await api.flows.list(archived ? { archived } : {});
  return <FlowsPage initial={initial} archived={archived} />;
}

import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { SchedulesPage } from "#components/schedule/schedules-page.tsx";
import { caller } from "#server/trpc/caller.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("common.nav");
  return { title: t("schedules") };
}

export default async function Page({ searchParams }: PageProps<"/schedules">) {
  const { q } = await searchParams;
  const filter = typeof q === "string" ? q.trim().slice(0, 200) : "";
  const api = await caller();
  const initial = await api.schedules.list(filter === "" ? {} : { q: filter });
  return <SchedulesPage initial={initial} initialFilter={filter} />;
}

import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { QueuePage } from "#components/queue/queue-page.tsx";
import { caller } from "#server/trpc/caller.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("common.nav");
  return { title: t("queue") };
}

export default async function Page() {
  const api = await caller();
  return <QueuePage initial={await api.queue.get()} />;
}

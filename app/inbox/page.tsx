import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { InboxPage } from "#components/notify/inbox-page.tsx";
import { caller } from "#server/trpc/caller.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("inbox");
  return { title: t("title") };
}

export default async function Page() {
  const api = await caller();
  return <InboxPage initial={await api.inbox.list({})} />;
}

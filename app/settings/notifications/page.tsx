import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { NotificationsPage } from "#components/notify/notifications-page.tsx";
import { caller } from "#server/trpc/caller.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("notifications");
  return { title: t("title") };
}

export default async function Page() {
  const api = await caller();
  const [channels, deliveries] = await Promise.all([
    api.notify.channels(),
    api.notify.deliveries({}),
  ]);
  return <NotificationsPage channels={channels} deliveries={deliveries} />;
}

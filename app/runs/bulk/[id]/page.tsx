import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { BulkPage } from "#components/bulk/bulk-page.tsx";
import { caller } from "#server/trpc/caller.ts";
import { orNotFound } from "../../../load.ts";

export async function generateMetadata({
  params,
}: PageProps<"/runs/bulk/[id]">): Promise<Metadata> {
  const t = await getTranslations("bulk");
  return { title: t("page", { id: decodeURIComponent((await params).id) }) };
}

export default async function Page({ params }: PageProps<"/runs/bulk/[id]">) {
  const { id } = await params;
  const api = await caller();
  const [bulk, items] = await orNotFound(
    Promise.all([api.bulk.get({ id }), api.bulk.items({ id })]),
  );
  return <BulkPage initial={bulk} items={items} />;
}

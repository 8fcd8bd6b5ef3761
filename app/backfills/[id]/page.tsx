import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { BackfillPage } from "#components/backfill/backfill-page.tsx";
import { caller } from "#server/trpc/caller.ts";
import { orNotFound } from "../../load.ts";

export async function generateMetadata({
  params,
}: PageProps<"/backfills/[id]">): Promise<Metadata> {
  const t = await getTranslations("backfills");
  return { title: t("name", { id: decodeURIComponent((await params).id) }) };
}

export default async function Page({ params }: PageProps<"/backfills/[id]">) {
  const { id } = await params;
  const api = await caller();
  return <BackfillPage initial={await orNotFound(api.backfills.get({ id }))} />;
}

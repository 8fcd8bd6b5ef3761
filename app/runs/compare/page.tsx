import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { ComparePage } from "#components/compare/compare-page.tsx";
import { caller } from "#server/trpc/caller.ts";
import { orNotFound } from "../../load.ts";

async function idsOf({
  searchParams,
}: PageProps<"/runs/compare">): Promise<{ a: string; b: string }> {
  const { a, b } = await searchParams;
  return { a: String(a ?? ""), b: String(b ?? "") };
}

export async function generateMetadata(props: PageProps<"/runs/compare">): Promise<Metadata> {
  const t = await getTranslations("compare");
  return { title: t("title", await idsOf(props)) };
}

export default async function Page(props: PageProps<"/runs/compare">) {
  const api = await caller();
  const comparison = await orNotFound(api.runs.compare(await idsOf(props)));
  return <ComparePage comparison={comparison} />;
}

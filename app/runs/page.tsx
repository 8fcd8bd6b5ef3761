import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { parseBefore, parseRunQuery, runFilterOf } from "#components/run/run-filter.ts";
import { RunsPage } from "#components/run/runs-page.tsx";
import { RUNS_PER_PAGE } from "#components/run/runs-per-page.ts";
import { caller } from "#server/trpc/caller.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("common.nav");
  return { title: t("runs") };
}

export default async function Page({ searchParams }: PageProps<"/runs">) {
  const params = await searchParams;
  const query = parseRunQuery(params);
  const before = parseBefore(params.before);
  const api = await caller();
  const page = await api.runs.list({
    filter: runFilterOf(query),
    limit: RUNS_PER_PAGE,
    ...(before === null ? {} : { cursor: before }),
  });
  return <RunsPage initial={{ page, query, before }} />;
}

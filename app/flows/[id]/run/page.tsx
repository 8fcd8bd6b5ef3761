import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { RunFormPage } from "#components/flow/run-form/run-form-page.tsx";
import { caller } from "#server/trpc/caller.ts";
import { orNotFound } from "../../../load.ts";

export async function generateMetadata({
  params,
}: PageProps<"/flows/[id]/run">): Promise<Metadata> {
  const t = await getTranslations("runForm");
  return { title: t("title", { flow: decodeURIComponent((await params).id) }) };
}

export default async function Page({ params, searchParams }: PageProps<"/flows/[id]/run">) {
  const flow = decodeURIComponent((await params).id);
  const { from, revision } = await searchParams;
  const api = await caller();
  const draft = await orNotFound(
    api.runs.draft({
      flow,
      ...(typeof from === "string" ? { from } : {}),
      ...(typeof revision === "string" ? { revision: Number(revision) } : {}),
    }),
  );
  return <RunFormPage key={`${draft.from}:${draft.revision}`} draft={draft} />;
}

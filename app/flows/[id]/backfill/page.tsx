import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { BackfillFormPage } from "#components/backfill/backfill-form-page.tsx";
import { readParamsText } from "#server/core/run/calendar-view.ts";
import { caller } from "#server/trpc/caller.ts";
import { orNotFound } from "../../../load.ts";

export async function generateMetadata({
  params,
}: PageProps<"/flows/[id]/backfill">): Promise<Metadata> {
  const t = await getTranslations("backfills.form");
  return { title: t("title", { flow: decodeURIComponent((await params).id) }) };
}

export default async function Page({ params, searchParams }: PageProps<"/flows/[id]/backfill">) {
  const flow = decodeURIComponent((await params).id);
  const { from, revision, year, since, pick, params: values } = await searchParams;
  const api = await caller();
  const chosen = readParamsText(values);
  const draft = await orNotFound(
    api.backfills.draft({
      flow,
      ...(typeof revision === "string" ? { revision: Number(revision) } : {}),
      ...(typeof from === "string" ? { from } : {}),
      ...(typeof year === "string" && typeof pick === "string"
        ? {
            calendar: {
              year: Number(year),
              pick,
              ...(typeof since === "string" ? { since } : {}),
              ...(chosen === undefined ? {} : { params: chosen }),
            },
          }
        : {}),
    }),
  );
  return <BackfillFormPage draft={draft} />;
}

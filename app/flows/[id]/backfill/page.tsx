import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { BackfillFormPage } from "#components/backfill/backfill-form-page.tsx";
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
  const { from, revision } = await searchParams;
  const api = await caller();
  const earlier =
    typeof from === "string" ? await orNotFound(api.backfills.get({ id: from })) : null;
  const [draft, detail] = await orNotFound(
    Promise.all([
      api.runs.draft({
        flow,
        ...(typeof revision === "string" ? { revision: Number(revision) } : {}),
      }),
      api.flows.get({ id: flow }),
    ]),
  );
  return (
    <BackfillFormPage
      // The intervals come from the plan, not from the form of one run.
      draft={{
        ...draft,
        needsInterval: false,
        interval: null,
        ...(earlier === null
          ? {}
          : { params: { ...draft.params, ...earlier.params }, timezone: earlier.timezone }),
      }}
      scheduleZone={detail.spec.schedules[0]?.timezone ?? null}
      earlier={earlier}
      chosen={null}
      now={new Date().toISOString()}
    />
  );
}

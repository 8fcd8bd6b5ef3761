import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import {
  BackfillFormPage,
  type ChosenIntervals,
} from "#components/backfill/backfill-form-page.tsx";
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
  const { from, revision, year, before } = await searchParams;
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
  const chosen =
    typeof year === "string" && typeof before === "string"
      ? await builtBefore(flow, Number(year), Number(before))
      : null;
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
      chosen={chosen}
      now={new Date().toISOString()}
    />
  );
}

/** The intervals of a year whose newest run was of a revision before `revision`. */
async function builtBefore(
  flow: string,
  year: number,
  revision: number,
): Promise<ChosenIntervals | null> {
  const api = await caller();
  const { starts, ends, revisions } = await orNotFound(api.flows.calendar({ flow, year }));
  const intervals = revisions.flatMap((number, i) => {
    const [start, end] = [starts[i], ends[i]];
    if (number >= revision || start === undefined || end === undefined) return [];
    return { start: new Date(start).toISOString(), end: new Date(end).toISOString() };
  });
  return intervals.length === 0 ? null : { intervals, revision, year };
}

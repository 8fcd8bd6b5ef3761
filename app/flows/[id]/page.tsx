import type { Metadata } from "next";
import { FlowPage } from "#components/flow/flow-page.tsx";
import { caller } from "#server/trpc/caller.ts";
import { orNotFound } from "../../load.ts";

export async function generateMetadata({ params }: PageProps<"/flows/[id]">): Promise<Metadata> {
  return { title: decodeURIComponent((await params).id) };
}

export default async function Page({ params }: PageProps<"/flows/[id]">) {
  const id = decodeURIComponent((await params).id);
  const api = await caller();
  const [flow, grid, schedules] = await orNotFound(
    Promise.all([
      api.flows.get({ id }),
      api.flows.grid({ flow: id }),
      api.schedules.list({ flow: id }),
    ]),
  );
  return <FlowPage initial={flow} grid={grid} schedules={schedules} />;
}

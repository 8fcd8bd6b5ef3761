import type { Metadata } from "next";
import { RunPage } from "#components/run/run-page.tsx";
import { caller } from "#server/trpc/caller.ts";
import { orNotFound } from "../../load.ts";

export async function generateMetadata({ params }: PageProps<"/runs/[id]">): Promise<Metadata> {
  return { title: `#${decodeURIComponent((await params).id)}` };
}

export default async function Page({ params }: PageProps<"/runs/[id]">) {
  const { id } = await params;
  const api = await caller();
  return <RunPage initial={await orNotFound(api.runs.get({ id }))} />;
}

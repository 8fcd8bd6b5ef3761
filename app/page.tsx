import { HomePage } from "#components/home/home-page.tsx";
import { caller } from "#server/trpc/caller.ts";

export default async function Page() {
  const api = await caller();
  return <HomePage initial={await api.overview.get()} />;
}

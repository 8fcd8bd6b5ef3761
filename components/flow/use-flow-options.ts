"use client";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "#components/shell/api.tsx";

/**
 * Flows to narrow a list by, each under the name that people know.
 * @param chosen stays among them even when the list lacks it; null for none
 */
export function useFlowOptions(chosen: string | null): { value: string; label: string }[] {
  const trpc = useTRPC();
  const flows = useQuery(trpc.flows.list.queryOptions({}));
  const options = flows.data?.items.map(({ id, name }) => ({ value: id, label: name ?? id })) ?? [];
  if (chosen === null || options.some(({ value }) => value === chosen)) return options;
  return [{ value: chosen, label: chosen }, ...options];
}

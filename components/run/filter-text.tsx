"use client";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { StatusText } from "#components/status/status.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { cn } from "#components/ui/cn.ts";
import type { RunFilter } from "#server/core/run/view.ts";
import { paramFilter } from "./run-filter.ts";
import { shortHash } from "./short-id.ts";

/** The words of a filter of runs, one after the other; "all runs" when there is none. */
export function FilterText({ filter, className }: { filter: RunFilter; className?: string }) {
  const t = useTranslations("runs");
  const words = useTranslations("common");
  const { flow, state, trigger, intervalFrom, intervalTo, params, identity, parent, backfill } =
    filter;
  const parts: { key: string; text: ReactNode }[] = [
    ...(flow === undefined ? [] : [{ key: "flow", text: flow }]),
    ...(state ?? []).map((one) => ({
      key: `state ${one}`,
      text: <StatusText state={one} className="text-xs" />,
    })),
    ...(trigger ?? []).map((one) => ({
      key: `trigger ${one}`,
      text: words(`trigger.${one}`),
    })),
    ...(intervalFrom === undefined
      ? []
      : [{ key: "from", text: t("fromChip", { day: dayOf(intervalFrom) }) }]),
    ...(intervalTo === undefined
      ? []
      : [{ key: "to", text: t("toChip", { day: dayOf(intervalTo) }) }]),
    ...Object.entries(params ?? {}).map(([name, value]) => ({
      key: `param ${name}`,
      text: <span className="truncate font-mono">{paramFilter(name, value)}</span>,
    })),
    ...(identity === undefined
      ? []
      : [{ key: "identity", text: t("identityChip", { hash: shortHash(identity) }) }]),
    ...(parent === undefined ? [] : [{ key: "parent", text: t("parentChip", { id: parent }) }]),
    ...(backfill === undefined
      ? []
      : [{ key: "backfill", text: t("backfillChip", { id: backfill }) }]),
  ];
  if (parts.length === 0) return <span className={className}>{t("all")}</span>;
  return (
    <span className={cn("inline-flex min-w-0 flex-wrap items-center gap-1", className)}>
      {parts.map(({ key, text }) => (
        <Badge key={key} className="min-w-0 max-w-full">
          {text}
        </Badge>
      ))}
    </span>
  );
}

/** Midnights of UTC as days, other instants as they are. */
function dayOf(instant: string): string {
  return instant.endsWith("T00:00:00.000Z") ? instant.slice(0, 10) : instant;
}

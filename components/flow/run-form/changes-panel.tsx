"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useDeferredValue } from "react";
import { useTRPC } from "#components/shell/api.tsx";
import { apiErrorOf } from "#components/shell/api-error.ts";
import { Panel } from "#components/ui/panel.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { ChangeList } from "../change-list.tsx";
import type { RunRequest } from "./run-request.ts";

/**
 * How the run would differ from the one it started from, before it starts. Kept up while typing; the
 * last answer stays until the next one is there.
 */
export function ChangesPanel({ from, request }: { from: string; request: RunRequest | null }) {
  const t = useTranslations("runForm");
  const trpc = useTRPC();
  const settled = useDeferredValue(request);
  const query = useQuery(
    trpc.runs.changes.queryOptions(
      {
        from,
        revision: settled?.revision,
        params: settled?.params ?? {},
        interval: settled?.interval ?? null,
        timezone: settled?.timezone ?? "UTC",
      },
      { enabled: settled !== null, placeholderData: (previous) => previous, retry: false },
    ),
  );
  const error = query.isError ? apiErrorOf(query.error) : null;
  return (
    <Panel
      title={t.rich("changesAgainst", {
        run: () => (
          <Link href={`/runs/${from}`} className="text-accent underline underline-offset-2">
            #{from}
          </Link>
        ),
      })}
      className="self-start lg:sticky lg:top-16"
    >
      <div className="max-h-[70dvh] overflow-y-auto p-3" aria-live="polite">
        {settled === null ? (
          <p className="text-muted text-sm">{t("changesUnclear")}</p>
        ) : query.isError ? (
          <p className="text-muted text-sm">
            {error?.code === "INVALID_PARAMS" ? t("changesUnclear") : t("changesFailed")}
          </p>
        ) : query.data === undefined ? (
          <Skeleton className="w-2/3" />
        ) : query.data.changes.length === 0 ? (
          <p className="text-muted text-sm">{t("noChanges")}</p>
        ) : (
          <ChangeList changes={query.data.changes} />
        )}
      </div>
    </Panel>
  );
}

"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { BackfillBadge, BackfillProgress } from "#components/backfill/backfill-state.tsx";
import { useTRPC } from "#components/shell/api.tsx";
import { rowAttribute } from "#components/shell/row-keys.ts";
import { Panel } from "#components/ui/panel.tsx";

/** Backfills that have not ended; nothing at all when there is none. */
export function ActiveBackfills() {
  const t = useTranslations("backfills");
  const trpc = useTRPC();
  const query = useQuery(
    trpc.backfills.list.queryOptions(
      { state: ["running", "paused", "cancelling"], limit: 5 },
      { refetchInterval: 5_000 },
    ),
  );
  const items = query.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Panel title={t("active")}>
      <ul>
        {items.map((backfill) => (
          <li key={backfill.id} className="border-t first:border-0">
            <Link
              href={`/backfills/${backfill.id}`}
              {...{ [rowAttribute]: `backfill ${backfill.id}` }}
              className="grid gap-1.5 px-3 py-2 -outline-offset-2 hover:bg-fill"
            >
              <span className="flex items-center gap-2">
                <span className="min-w-0 flex-1 truncate text-sm">
                  {backfill.flowName ?? backfill.flow}{" "}
                  <span className="text-faint text-xs">#{backfill.id}</span>
                </span>
                <BackfillBadge state={backfill.state} />
              </span>
              <BackfillProgress counts={backfill.counts} total={backfill.total} />
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

"use client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { RotateCcw } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { toast } from "sonner";
import { BackfillWaitText } from "#components/queue/backfill-wait.tsx";
import { RerunDialog, type RerunTarget } from "#components/rerun/rerun-dialog.tsx";
import { paramText } from "#components/run/short-id.ts";
import { useTRPC } from "#components/shell/api.tsx";
import { isNotLoaded, StaleNotice } from "#components/shell/stale-notice.tsx";
import { useRefetchOn } from "#components/shell/use-refetch-on.ts";
import { StatusBadge } from "#components/status/status.tsx";
import { Interval } from "#components/time/time.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { Panel } from "#components/ui/panel.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { Table, Td, Th, Tr } from "#components/ui/table.tsx";
import { useMedia } from "#components/ui/use-media.ts";
import type { RowState } from "#server/core/backfill/states.ts";
import type { BackfillDetail, BackfillRowView } from "#server/core/backfill/view.ts";

const PAGE = 50;
const NARROW = "(max-width: 767px)";

/**
 * Rows of the ledger in the order of work: what was decided and why, what became of it, and the
 * first line of the error where it failed.
 */
export function RowList({ backfill, state }: { backfill: BackfillDetail; state: RowState | null }) {
  const t = useTranslations("backfills");
  const words = useTranslations();
  const trpc = useTRPC();
  const router = useRouter();
  const [rerun, setRerun] = useState<RerunTarget | null>(null);
  const planned = backfill.state === "planned";
  const isNarrow = useMedia(NARROW);
  const isOverSets = backfill.source.kind === "sets";
  const query = useInfiniteQuery({
    ...trpc.backfills.intervals.infiniteQueryOptions(
      { id: backfill.id, limit: PAGE, ...(state === null ? {} : { state: [state] }) },
      { getNextPageParam: (page) => page.next },
    ),
    placeholderData: keepPreviousData,
    // Rows move from state to state while it runs.
    refetchInterval: backfill.finishedAt === null && !planned ? 2_000 : false,
  });
  useRefetchOn(query.refetch, JSON.stringify([backfill.counts, backfill.finishedAt]));
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Panel
      title={
        state === null
          ? t(isOverSets ? "allSets" : "allRows")
          : t(isOverSets ? "someSets" : "someRows", { state: words(`common.state.${state}`) })
      }
      className="overflow-hidden"
    >
      <StaleNotice query={query} />
      {query.isPending ? (
        <div className="grid gap-3 p-4">
          {[0, 1, 2].map((row) => (
            <Skeleton key={row} className="h-8" />
          ))}
        </div>
      ) : isNotLoaded(query) ? null : rows.length === 0 ? (
        <p className="px-3 py-8 text-center text-muted text-sm">{t("noRows")}</p>
      ) : isNarrow ? (
        <ul>
          {rows.map((row) => (
            <RowCard key={row.ordinal} row={row} backfill={backfill} onRerun={setRerun} />
          ))}
        </ul>
      ) : (
        <Table>
          <thead>
            <tr>
              <Th>{words(isOverSets ? "common.term.parameters" : "common.term.interval")}</Th>
              <Th>{planned ? t("decisionHead") : words("common.term.state")}</Th>
              <Th>{planned ? t("why") : words("common.term.run")}</Th>
              {planned ? null : <Th className="w-full">{words("common.term.error")}</Th>}
              {planned ? null : (
                <Th>
                  <span className="sr-only">{words("rerun.rerun")}</span>
                </Th>
              )}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Tr key={row.ordinal}>
                <Td className="whitespace-nowrap">
                  <Subject row={row} zone={backfill.timezone} />
                </Td>
                {planned ? (
                  <>
                    <Td>
                      <Badge outline={row.decision === "skip"}>
                        {t(`decision.${row.decision}`)}
                      </Badge>
                    </Td>
                    <Td className="w-full">
                      <Why row={row} />
                    </Td>
                  </>
                ) : (
                  <>
                    <Td>
                      <StatusBadge state={row.state} />
                    </Td>
                    <Td className="whitespace-nowrap">
                      <RunLink row={row} />
                    </Td>
                    <Td className="max-w-0 truncate font-mono text-muted text-xs">
                      {errorOf(row)}
                    </Td>
                    <Td className="text-right">
                      <RerunButton row={row} flow={backfill.flow} onRerun={setRerun} />
                    </Td>
                  </>
                )}
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
      {query.hasNextPage ? (
        <div className="flex justify-center border-t p-2">
          <Button
            size="sm"
            aria-disabled={query.isFetchingNextPage}
            onClick={() => {
              if (!query.isFetchingNextPage) void query.fetchNextPage();
            }}
          >
            {words("common.more")}
          </Button>
        </div>
      ) : null}
      {rerun === null ? null : (
        <RerunDialog
          run={rerun}
          scope="failed"
          task={null}
          onClose={() => setRerun(null)}
          onStarted={(id) => {
            setRerun(null);
            toast.success(words("rerun.started", { id }), {
              action: { label: words("rerun.open"), onClick: () => router.push(`/runs/${id}`) },
            });
          }}
        />
      )}
    </Panel>
  );
}

/** A row of the ledger on a screen that is too narrow for a table. */
function RowCard({
  row,
  backfill,
  onRerun,
}: {
  row: BackfillRowView;
  backfill: BackfillDetail;
  onRerun: (target: RerunTarget) => void;
}) {
  const t = useTranslations("backfills");
  const error = errorOf(row);
  return (
    <li className="grid gap-1 border-t px-3 py-2 text-sm first:border-0">
      <Subject row={row} zone={backfill.timezone} />
      {backfill.state === "planned" ? (
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <Badge outline={row.decision === "skip"}>{t(`decision.${row.decision}`)}</Badge>
          <Why row={row} />
        </span>
      ) : (
        <>
          {error === "" ? null : (
            <span className="line-clamp-2 break-words font-mono text-muted text-xs">{error}</span>
          )}
          <span className="flex min-h-7 flex-wrap items-center gap-x-3 gap-y-1">
            <StatusBadge state={row.state} />
            <RunLink row={row} />
            <span className="ml-auto">
              <RerunButton row={row} flow={backfill.flow} onRerun={onRerun} />
            </span>
          </span>
        </>
      )}
    </li>
  );
}

/** Why a row did not succeed, in one line; empty when there is nothing to say. */
function errorOf({ problem, firstError }: BackfillRowView): string {
  if (problem !== null) return problem;
  return firstError === null ? "" : `${firstError.name ?? firstError.task}: ${firstError.message}`;
}

/** The newest run of a row and how many there were; before the first, why it will or will not run. */
function RunLink({ row }: { row: BackfillRowView }) {
  const t = useTranslations("backfills");
  return (
    <>
      {row.run === null ? (
        row.waits === null ? (
          <Why row={row} />
        ) : null
      ) : (
        <Link href={`/runs/${row.run}`} className="text-accent hover:underline">
          #{row.run}
        </Link>
      )}
      {row.tries > 1 ? (
        <span className="ml-2 text-faint text-xs">{t("tries", { count: row.tries })}</span>
      ) : null}
      {row.waits === null ? null : (
        <span className={cn("text-muted text-sm", row.run !== null && "ml-2")}>
          <BackfillWaitText reason={row.waits} />
        </span>
      )}
    </>
  );
}

function RerunButton({
  row: { run, state },
  flow,
  onRerun,
}: {
  row: BackfillRowView;
  flow: string;
  onRerun: (target: RerunTarget) => void;
}) {
  const t = useTranslations("backfills");
  const words = useTranslations("rerun");
  if (run === null || (state !== "failed" && state !== "cancelled")) return null;
  return (
    <Button
      size="sm"
      aria-label={t("rerunOf", { id: run })}
      onClick={() => onRerun({ id: run, flow })}
    >
      <RotateCcw aria-hidden />
      {words("rerun")}
    </Button>
  );
}

function Subject({ row, zone }: { row: BackfillRowView; zone: string }) {
  const t = useTranslations("backfills");
  if (row.interval !== null) {
    return <Interval start={row.interval.start} end={row.interval.end} flowZone={zone} />;
  }
  return (
    <span className="flex items-baseline gap-2">
      <span className="text-faint">{t("place", { place: row.ordinal + 1 })}</span>
      <span className="font-mono text-xs">
        {Object.entries(row.params ?? {})
          .map(([name, value]) => `${name}=${paramText(value)}`)
          .join("  ")}
      </span>
    </span>
  );
}

function Why({ row }: { row: BackfillRowView }) {
  const t = useTranslations("backfills");
  const { kind, run } = row.reason;
  return (
    <span className="text-muted text-sm">
      {t.rich(`whys.${kind}`, {
        run: () => (
          <Link href={`/runs/${run}`} className="text-accent underline">
            #{run}
          </Link>
        ),
      })}
      {row.guarded ? (
        <Badge className="ml-2 bg-orange-soft text-orange">{t("guarded")}</Badge>
      ) : null}
    </span>
  );
}

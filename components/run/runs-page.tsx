"use client";
import { CircleDashed, Plus, SearchX } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { parseAsArrayOf, parseAsNativeArrayOf, parseAsString, useQueryStates } from "nuqs";
import { useCallback, useEffect, useMemo, useState } from "react";
import { toast } from "sonner";
import { BulkMenu } from "#components/bulk/bulk-menu.tsx";
import { CompareNotice, useComparison } from "#components/compare/compare-choice.tsx";
import { defaultScope } from "#components/rerun/rerun-button.tsx";
import { RerunDialog } from "#components/rerun/rerun-dialog.tsx";
import { Page, PageHeader } from "#components/shell/page.tsx";
import { focusedRow, rowAttribute, useRowKeys } from "#components/shell/row-keys.ts";
import { useShortcut } from "#components/shell/shortcuts.tsx";
import { isNotLoaded, StaleNotice } from "#components/shell/stale-notice.tsx";
import { Button, ButtonLink } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Panel } from "#components/ui/panel.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { isRunEnded } from "#server/core/run/states.ts";
import type { RunList, RunSummary } from "#server/core/run/view.ts";
import {
  isFiltered,
  parseBefore,
  parseRunQuery,
  type RunQuery,
  runFilterOf,
} from "./run-filter.ts";
import { RunFilters } from "./run-filters.tsx";
import { RunListHead, RunRow } from "./run-row.tsx";
import { useRunList } from "./use-run-list.ts";

const word = parseAsString.withDefault("");
const words = parseAsArrayOf(parseAsString).withDefault([]);
const place = {
  flow: word,
  state: words,
  trigger: words,
  from: word,
  to: word,
  // Repeated rather than joined: a value may hold a comma.
  param: parseAsNativeArrayOf(parseAsString),
  identity: word,
  backfill: word,
  /** The run that the page of the list begins after. */
  before: parseAsString,
};

/** What the server rendered, and for which address. */
export interface InitialRuns {
  page: RunList;
  query: RunQuery;
  before: string | null;
}

/** All runs, newest first, filtered by the address. Rows keep their places while they live on. */
export function RunsPage({ initial }: { initial: InitialRuns }) {
  const t = useTranslations("runs");
  const words = useTranslations();
  const router = useRouter();
  const [{ before: said, ...texts }, setPlace] = useQueryStates(place, { history: "push" });
  const before = parseBefore(said);
  const queryText = JSON.stringify(parseRunQuery(texts));
  const query = useMemo(() => JSON.parse(queryText) as RunQuery, [queryText]);
  const filter = useMemo(() => runFilterOf(query), [query]);
  const known = before === initial.before && queryText === JSON.stringify(initial.query);
  const list = useRunList(filter, before, known ? initial.page : undefined);
  const now = usePageTime(initial.page.now);
  const [rerun, setRerun] = useState<RunSummary | null>(null);

  useRowKeys();
  useShortcut({
    keys: "r",
    label: words("shortcuts.rerun"),
    run: () => {
      const id = focusedRow()?.getAttribute(rowAttribute);
      const run = list.rows.find((row) => row.id === id);
      if (run && isRunEnded(run.state)) setRerun(run);
    },
  });
  const openRerun = useCallback((run: RunSummary) => setRerun(run), []);
  const comparison = useComparison();

  const started = (id: string) => {
    setRerun(null);
    toast.success(words("rerun.started", { id }), {
      action: { label: words("rerun.open"), onClick: () => router.push(`/runs/${id}`) },
    });
  };
  const empty = list.rows.length === 0 && !list.query.isPending;
  const filtered = isFiltered(query) || before !== null;

  return (
    <Page>
      <PageHeader title={words("common.nav.runs")} actions={<BulkMenu filter={filter} />} />
      <RunFilters
        query={query}
        onChange={({ param, ...rest }) =>
          void setPlace({ ...rest, param: [...param], before: null })
        }
      />
      <StaleNotice query={list.query} />
      {/* The pill lies over the edge of the list and takes no room: no row moves when it comes. */}
      <div role="status" className="sticky top-16 z-10 -mb-4 flex h-0 justify-center">
        {list.fresh > 0 ? (
          <Button
            size="sm"
            className="-translate-y-1/2 rounded-full border-accent bg-accent-soft text-accent shadow-pop hover:bg-accent-soft"
            onClick={() => void list.showFresh()}
          >
            <Plus aria-hidden />
            {t("fresh", { count: list.fresh, more: list.fresh >= 100 ? "yes" : "no" })}
          </Button>
        ) : null}
      </div>
      <CompareNotice comparison={comparison} />
      <Panel
        hidden={isNotLoaded(list.query)}
        className={list.query.isPlaceholderData ? "opacity-60" : ""}
      >
        {list.query.isPending ? (
          <div className="grid gap-3 p-4">
            {[0, 1, 2, 3, 4].map((row) => (
              <Skeleton key={row} className="h-8" />
            ))}
          </div>
        ) : empty ? (
          filtered ? (
            <EmptyState icon={<SearchX />} title={t("noMatch")}>
              {t("noMatchHint")}
            </EmptyState>
          ) : (
            <EmptyState
              icon={<CircleDashed />}
              title={t("none")}
              action={
                <ButtonLink href="/flows" variant="primary">
                  {t("toFlows")}
                </ButtonLink>
              }
            >
              {t("noneHint")}
            </EmptyState>
          )
        ) : (
          <>
            <RunListHead />
            <ul aria-label={words("common.nav.runs")}>
              {list.rows.map((run) => (
                <RunRow
                  key={run.id}
                  run={run}
                  serverNow={now}
                  onRerun={openRerun}
                  compared={run.id === comparison.first}
                  onCompare={comparison.choose}
                />
              ))}
            </ul>
          </>
        )}
      </Panel>
      {before === null && list.next === null ? null : (
        <nav aria-label={t("pages")} className="flex items-center justify-between">
          <Button disabled={before === null} onClick={() => void setPlace({ before: null })}>
            {t("newest")}
          </Button>
          <Button
            disabled={list.next === null}
            onClick={() => {
              void setPlace({ before: list.next });
              window.scrollTo({ top: 0 });
            }}
          >
            {t("older")}
          </Button>
        </nav>
      )}
      {rerun === null ? null : (
        <RerunDialog
          run={rerun}
          scope={defaultScope(rerun.state)}
          task={null}
          onClose={() => setRerun(null)}
          onStarted={started}
        />
      )}
    </Page>
  );
}

/** The time that ages are counted from; a page that comes back from the history is older than now. */
function usePageTime(rendered: string): string {
  const [now, setNow] = useState(rendered);
  useEffect(() => setNow(new Date().toISOString()), []);
  return now;
}

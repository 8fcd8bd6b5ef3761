"use client";
import { useQuery } from "@tanstack/react-query";
import { ListChecks, RotateCcw, Square } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { parseAsString, useQueryState } from "nuqs";
import { FilterText } from "#components/run/filter-text.tsx";
import { useTRPC } from "#components/shell/api.tsx";
import { Page, PageHeader } from "#components/shell/page.tsx";
import { rowAttribute, useRowKeys } from "#components/shell/row-keys.ts";
import { isNotLoaded, StaleNotice } from "#components/shell/stale-notice.tsx";
import { Ago, useNumberText } from "#components/time/time.tsx";
import { Button, ButtonLink } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Panel } from "#components/ui/panel.tsx";
import type { BulkList, BulkView } from "#server/core/run/bulk-view.ts";
import { BulkBadge, BulkBar, resultLook } from "./bulk-state.tsx";

/** How often a list is read again while something is going on in it. */
const LIVE_MS = 2_000;
const QUIET_MS = 10_000;

/** All bulk actions, newest first, with live progress. */
export function BulksPage({ initial }: { initial: BulkList }) {
  const t = useTranslations("bulk");
  const trpc = useTRPC();
  const [cursor, setCursor] = useQueryState(
    "before",
    parseAsString.withOptions({ history: "push" }),
  );
  const query = useQuery(
    trpc.bulk.list.queryOptions(cursor === null ? {} : { cursor }, {
      ...(cursor === null ? { initialData: initial } : {}),
      placeholderData: (previous) => previous,
      refetchInterval: ({ state: { data } }) =>
        data?.items.some(({ finishedAt }) => finishedAt === null) ? LIVE_MS : QUIET_MS,
    }),
  );
  const list = query.data ?? initial;
  useRowKeys();
  return (
    <Page>
      <PageHeader title={t("title")} description={t("description")} />
      <StaleNotice query={query} />
      <Panel hidden={isNotLoaded(query)}>
        {list.items.length === 0 ? (
          <EmptyState
            icon={<ListChecks />}
            title={t("none")}
            action={
              <ButtonLink href="/runs" variant="primary">
                {t("toRuns")}
              </ButtonLink>
            }
          >
            {t("noneHint")}
          </EmptyState>
        ) : (
          <ul aria-label={t("title")}>
            {list.items.map((bulk) => (
              <BulkRow key={bulk.id} bulk={bulk} serverNow={list.now} />
            ))}
          </ul>
        )}
      </Panel>
      {cursor === null && list.next === null ? null : (
        <nav aria-label={t("pages")} className="flex items-center justify-between">
          <Button disabled={cursor === null} onClick={() => void setCursor(null)}>
            {t("first")}
          </Button>
          <Button disabled={list.next === null} onClick={() => void setCursor(list.next)}>
            {t("more")}
          </Button>
        </nav>
      )}
    </Page>
  );
}

function BulkRow({ bulk, serverNow }: { bulk: BulkView; serverNow: string }) {
  const t = useTranslations("bulk");
  const number = useNumberText();
  const { counts, total, kind } = bulk;
  const Icon = kind === "rerun" ? RotateCcw : Square;
  return (
    <li className="relative grid gap-x-4 gap-y-1.5 border-t px-3 py-2.5 text-sm first:border-0 hover:bg-fill md:grid-cols-[6rem_minmax(0,1.2fr)_minmax(0,1.4fr)_minmax(0,1.4fr)_9rem] md:items-center">
      <span>
        <BulkBadge bulk={bulk} />
      </span>
      <span className="flex min-w-0 items-center gap-1.5">
        <Icon aria-hidden className="size-3.5 shrink-0 text-faint" />
        <Link
          href={`/runs/bulk/${bulk.id}`}
          {...{ [rowAttribute]: bulk.id }}
          className="truncate font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:rounded-sm focus-visible:after:outline-2 focus-visible:after:outline-accent focus-visible:after:-outline-offset-2"
        >
          {t(`${kind}Of`, { count: total })}
        </Link>
        <span className="text-faint">#{bulk.id}</span>
      </span>
      <FilterText filter={bulk.filter} className="text-muted text-xs" />
      <span className="flex min-w-0 items-center gap-3">
        <BulkBar bulk={bulk} className="min-w-16 flex-1" />
        <span className="flex min-w-28 gap-2.5 text-xs tabular-nums">
          {(["done", "skipped", "failed"] as const).map((part) => {
            if (counts[part] === 0 && part !== "done") return null;
            const { icon: Part, text } = resultLook[part];
            return (
              <span key={part} className="inline-flex items-center gap-1 whitespace-nowrap">
                <Part aria-hidden className={cn("size-3.5", text)} />
                {number(counts[part])}{" "}
                <span className="text-muted">{t(`${kind}State.${part}`)}</span>
              </span>
            );
          })}
        </span>
      </span>
      <span className="whitespace-nowrap text-faint text-xs md:text-right">
        {bulk.createdBy} · <Ago at={bulk.createdAt} serverNow={serverNow} />
      </span>
    </li>
  );
}

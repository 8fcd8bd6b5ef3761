"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { SearchX, Square } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import type { ReactNode } from "react";
import { FilterText } from "#components/run/filter-text.tsx";
import { runsHref } from "#components/run/run-filter.ts";
import { useTRPC } from "#components/shell/api.tsx";
import { useErrorToast } from "#components/shell/error-text.ts";
import { Page, PageHeader } from "#components/shell/page.tsx";
import { isNotLoaded, StaleNotice } from "#components/shell/stale-notice.tsx";
import { useRefetchOn } from "#components/shell/use-refetch-on.ts";
import { Duration, Interval, Time, useNumberText } from "#components/time/time.tsx";
import { Button } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Panel } from "#components/ui/panel.tsx";
import type { Page as ListPage } from "#server/core/page.ts";
import {
  type BulkItemView,
  type BulkKind,
  type BulkState,
  type BulkView,
  bulkStates,
} from "#server/core/run/bulk-view.ts";
import { BulkBadge, BulkBar, resultLook } from "./bulk-state.tsx";

/** Codes of refusals that have words of their own; the message of others is shown as it is. */
const explained = [
  "STOPPED",
  "NOTHING_TO_RUN",
  "ALREADY_ENDED",
  "GUARD_REASON_REQUIRED",
  "IDENTITY_DIFFERS",
] as const;

const place = {
  state: parseAsStringLiteral(bulkStates),
  before: parseAsString,
};

/** One bulk action: how far it is, and what became of each run. */
export function BulkPage({
  initial,
  items,
}: {
  initial: BulkView;
  /** The first page, without filter. */
  items: ListPage<BulkItemView>;
}) {
  const t = useTranslations("bulk");
  const trpc = useTRPC();
  const [{ state, before }, setPlace] = useQueryStates(place, { history: "push" });
  const query = useQuery(
    trpc.bulk.get.queryOptions(
      { id: initial.id },
      {
        initialData: initial,
        refetchInterval: ({ state: { data } }) => (data?.finishedAt === null ? 500 : false),
      },
    ),
  );
  const bulk = query.data;
  const live = bulk.finishedAt === null;
  const list = useQuery(
    trpc.bulk.items.queryOptions(
      {
        id: bulk.id,
        ...(state === null ? {} : { state: [state] }),
        ...(before === null ? {} : { cursor: before }),
      },
      {
        ...(state === null && before === null ? { initialData: items } : {}),
        placeholderData: (previous) => previous,
        refetchInterval: live ? 1_000 : false,
      },
    ),
  );
  useRefetchOn(list.refetch, String(bulk.finishedAt));
  const showError = useErrorToast();
  const stop = useMutation(
    trpc.bulk.stop.mutationOptions({
      onSuccess: () => void query.refetch(),
      onError: showError,
    }),
  );
  const rows = list.data?.items ?? [];
  const next = list.data?.next ?? null;
  return (
    <Page>
      <PageHeader
        title={
          <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
            <span>
              {t(`${bulk.kind}Head`)} <span className="font-normal text-faint">#{bulk.id}</span>
            </span>
            <BulkBadge bulk={bulk} />
          </span>
        }
        actions={
          live ? (
            <Button disabled={stop.isPending} onClick={() => stop.mutate({ id: bulk.id })}>
              <Square aria-hidden />
              {t("stop")}
            </Button>
          ) : null
        }
      >
        <Facts bulk={bulk} />
      </PageHeader>
      <StaleNotice query={query.isError ? query : list} />
      <Progress
        bulk={bulk}
        state={state}
        onState={(next) => void setPlace({ state: next, before: null })}
      />
      <Panel hidden={isNotLoaded(list)}>
        {rows.length === 0 ? (
          <EmptyState icon={<SearchX />} title={t("noItems")} />
        ) : (
          <ul aria-label={t("items")}>
            {rows.map((item) => (
              <Item key={item.run} item={item} kind={bulk.kind} />
            ))}
          </ul>
        )}
      </Panel>
      {before === null && next === null ? null : (
        <nav aria-label={t("pages")} className="flex items-center justify-between">
          <Button disabled={before === null} onClick={() => void setPlace({ before: null })}>
            {t("first")}
          </Button>
          <Button disabled={next === null} onClick={() => void setPlace({ before: next })}>
            {t("more")}
          </Button>
        </nav>
      )}
    </Page>
  );
}

/** What was asked for, by whom, and of which runs. */
function Facts({ bulk }: { bulk: BulkView }) {
  const t = useTranslations("bulk");
  const href = runsHref(bulk.filter);
  const { createdAt, finishedAt } = bulk;
  return (
    <>
      <dl className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
        <Fact name={t("filter")}>
          {href === null ? (
            <FilterText filter={bulk.filter} />
          ) : (
            <Link href={href} title={t("showRuns")} className="hover:underline">
              <FilterText filter={bulk.filter} />
            </Link>
          )}
        </Fact>
        {bulk.scope === null ? null : <Fact name={t("runsAgain")}>{t(`scope.${bulk.scope}`)}</Fact>}
        <Fact name={t("by")}>{bulk.createdBy}</Fact>
        <Fact name={t("started")}>
          <Time at={createdAt} />
        </Fact>
        {finishedAt === null ? null : (
          <Fact name={t("took")}>
            <Duration ms={Math.max(0, Date.parse(finishedAt) - Date.parse(createdAt))} />
          </Fact>
        )}
      </dl>
      {bulk.reason === null ? null : (
        <p className="mt-1 break-words text-sm">
          <span className="text-faint">{t("reason")}</span> {bulk.reason}
        </p>
      )}
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex min-w-0 items-center gap-1.5">
      <dt className="text-faint">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}

/** How far it is: a bar of what became of the runs, and the counts, each a filter of the list. */
function Progress({
  bulk,
  state,
  onState,
}: {
  bulk: BulkView;
  state: BulkState | null;
  onState: (state: BulkState | null) => void;
}) {
  const t = useTranslations("bulk");
  const number = useNumberText();
  const { counts, total } = bulk;
  const ended = total - counts.pending;
  return (
    <Panel className="grid gap-2.5 p-3">
      <p className="font-medium text-sm" role="status">
        {bulk.finishedAt === null
          ? t("progress", { ended: number(ended), total: number(total) })
          : t(bulk.stoppedAt === null ? "finished" : "stopped", {
              count: total,
              total: number(total),
            })}
      </p>
      <BulkBar bulk={bulk} />
      <fieldset className="flex flex-wrap items-center gap-1">
        <legend className="sr-only">{t("results")}</legend>
        {bulkStates.map((part) => {
          const Icon = resultLook[part].icon;
          return (
            <Button
              key={part}
              variant="ghost"
              size="sm"
              aria-pressed={state === part}
              onClick={() => onState(state === part ? null : part)}
              className="px-2 aria-pressed:border-line-strong aria-pressed:bg-surface aria-pressed:text-text"
            >
              <Icon aria-hidden className={cn("size-3.5!", resultLook[part].text)} />
              {t(`${bulk.kind}State.${part}`)}
              <span className="font-medium text-text tabular-nums">{number(counts[part])}</span>
            </Button>
          );
        })}
      </fieldset>
    </Panel>
  );
}

function Item({ item, kind }: { item: BulkItemView; kind: BulkKind }) {
  const t = useTranslations("bulk");
  const { icon: Icon, text } = resultLook[item.state];
  const known = explained.find((code) => code === item.code);
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-0.5 border-t px-3 py-2 text-sm first:border-0 md:grid-cols-[8rem_minmax(0,1fr)_minmax(0,2fr)]">
      <span className={cn("inline-flex items-center gap-1.5 font-medium", text)}>
        <Icon aria-hidden className="size-4 shrink-0" />
        {t(`${kind}State.${item.state}`)}
      </span>
      <span className="min-w-0 truncate max-md:order-first max-md:col-span-2">
        <Link href={`/runs/${item.run}`} className="hover:underline">
          {item.flowName ?? item.flow} <span className="text-faint">#{item.run}</span>
        </Link>
        {item.interval === null ? null : (
          <Interval
            start={item.interval.start}
            end={item.interval.end}
            flowZone={item.timezone}
            className="block truncate text-muted text-xs"
          />
        )}
      </span>
      <span className="min-w-0 text-muted max-md:justify-self-end">
        {item.newRun === null ? null : (
          <Link href={`/runs/${item.newRun}`} className="text-accent hover:underline">
            {t("madeRun", { id: item.newRun })}
          </Link>
        )}
        {item.code === null
          ? null
          : known === undefined
            ? (item.message ?? item.code)
            : t(`why.${known}`)}
      </span>
    </li>
  );
}

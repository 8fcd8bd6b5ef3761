"use client";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { GitCompareArrows, X } from "lucide-react";
import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { parseAsInteger, useQueryStates } from "nuqs";
import { useTRPC } from "#components/shell/api.tsx";
import { StaleNotice } from "#components/shell/stale-notice.tsx";
import { Time } from "#components/time/time.tsx";
import { Button } from "#components/ui/button.tsx";
import { CopyButton } from "#components/ui/copy-button.tsx";
import { Panel } from "#components/ui/panel.tsx";
import { Select } from "#components/ui/select.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import type { FlowDetail, RevisionDetail, SpecChange } from "#server/core/flow/view.ts";
import { ChangeList } from "./change-list.tsx";

function Loading() {
  return (
    <div className="grid gap-2 p-4">
      <Skeleton className="w-1/3" />
      <Skeleton className="w-1/2" />
      <Skeleton className="w-2/5" />
    </div>
  );
}

const CodeView = dynamic(() => import("./code-view.tsx").then((module) => module.CodeView), {
  ssr: false,
  loading: Loading,
});

function Source({
  shown,
  before,
  changes,
}: {
  shown: RevisionDetail;
  before?: RevisionDetail | undefined;
  changes?: readonly SpecChange[] | undefined;
}) {
  const t = useTranslations("flow");
  return (
    <div
      className={
        changes === undefined
          ? "grid gap-4"
          : "grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_22rem]"
      }
    >
      <Panel
        title={<code className="font-medium text-xs">{shown.sourcePath}</code>}
        aside={
          <>
            <span className="hidden font-mono sm:inline" title={t("hash")}>
              {shown.hash.slice(0, 12)}
            </span>
            <span className="hidden sm:inline">
              <Time at={shown.createdAt} />
            </span>
            <CopyButton text={shown.sourceText} label={t("copySource")} />
          </>
        }
        className="overflow-hidden"
      >
        <CodeView
          text={shown.sourceText}
          before={before?.sourceText}
          format={shown.sourceFormat}
          label={t("sourceOf", { number: shown.number })}
        />
      </Panel>
      {changes === undefined ? null : (
        <Panel title={t("changes")} count={changes.length}>
          <div className="max-h-[70dvh] overflow-y-auto p-3">
            {changes.length === 0 ? (
              <p className="text-muted text-sm">{t("noChanges")}</p>
            ) : (
              <ChangeList changes={changes} />
            )}
          </div>
        </Panel>
      )}
    </div>
  );
}

/** The definition as its author wrote it, of any revision, alone or against another one. */
export function FlowCode({ flow }: { flow: FlowDetail }) {
  const t = useTranslations("flow");
  const trpc = useTRPC();
  const [pick, setPick] = useQueryStates({
    revision: parseAsInteger,
    against: parseAsInteger,
  });
  const number = pick.revision ?? flow.revision;
  const list = useInfiniteQuery(
    trpc.flows.revisions.infiniteQueryOptions(
      { flow: flow.id, limit: 100 },
      { getNextPageParam: (page) => page.next },
    ),
  );
  const alone = useQuery(
    trpc.flows.revision.queryOptions(
      { flow: flow.id, number },
      { enabled: pick.against === null, staleTime: Number.POSITIVE_INFINITY },
    ),
  );
  const both = useQuery(
    trpc.flows.diff.queryOptions(
      { flow: flow.id, a: pick.against ?? number, b: number },
      { enabled: pick.against !== null, staleTime: Number.POSITIVE_INFINITY },
    ),
  );
  const revisions = list.data?.pages.flatMap((page) => page.items) ?? [];
  const options = revisions.map((revision) => ({
    value: String(revision.number),
    label: t("revision", { number: revision.number }),
  }));
  // The chosen ones are there before the list is, and may be older than what it holds.
  for (const chosen of [number, pick.against]) {
    if (chosen === null || options.some((option) => option.value === String(chosen))) continue;
    options.push({ value: String(chosen), label: t("revision", { number: chosen }) });
  }
  const earlier = revisions.find((revision) => revision.number < number)?.number ?? null;
  const query = pick.against === null ? alone : both;

  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap items-center gap-2 text-muted text-sm">
        <Select
          label={t("pickRevision")}
          value={String(number)}
          options={options}
          onChange={(value) =>
            void setPick({ revision: Number(value) === flow.revision ? null : Number(value) })
          }
        />
        {pick.against === null ? (
          <Button disabled={earlier === null} onClick={() => void setPick({ against: earlier })}>
            <GitCompareArrows aria-hidden />
            {t("compare")}
          </Button>
        ) : (
          <>
            <span>{t("against")}</span>
            <Select
              label={t("pickAgainst")}
              value={String(pick.against)}
              options={options.filter((option) => option.value !== String(number))}
              onChange={(value) => void setPick({ against: Number(value) })}
            />
            <Button variant="ghost" onClick={() => void setPick({ against: null })}>
              <X aria-hidden />
              {t("endCompare")}
            </Button>
          </>
        )}
        {list.hasNextPage ? (
          <Button variant="ghost" onClick={() => void list.fetchNextPage()}>
            {t("olderRevisions")}
          </Button>
        ) : null}
      </div>
      <StaleNotice query={query} />
      {pick.against === null ? (
        alone.data === undefined ? (
          <Loading />
        ) : (
          <Source shown={alone.data} />
        )
      ) : both.data === undefined ? (
        <Loading />
      ) : (
        <Source shown={both.data.b} before={both.data.a} changes={both.data.changes} />
      )}
    </div>
  );
}

"use client";
import { useQuery } from "@tanstack/react-query";
import { Search, Workflow, X } from "lucide-react";
import { useTranslations } from "next-intl";
import { parseAsBoolean, parseAsString, useQueryStates } from "nuqs";
import { useMemo, useRef } from "react";
import { useTRPC } from "#components/shell/api.tsx";
import { Page, PageHeader } from "#components/shell/page.tsx";
import { useRowKeys } from "#components/shell/row-keys.ts";
import { useShortcut } from "#components/shell/shortcuts.tsx";
import { StaleNotice } from "#components/shell/stale-notice.tsx";
import { Button } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Input } from "#components/ui/input.tsx";
import { Panel } from "#components/ui/panel.tsx";
import type { BrokenSource, FlowSummary } from "#server/core/flow/view.ts";
import { FlowTable } from "./flow-table.tsx";
import { ProblemList } from "./problem-list.tsx";

interface FlowList {
  items: FlowSummary[];
  broken: BrokenSource[];
}

function matches(flow: FlowSummary, words: string, tag: string): boolean {
  if (tag !== "" && !flow.tags.includes(tag)) return false;
  const text = [flow.id, flow.name, flow.description, flow.owner, ...flow.tags]
    .join(" ")
    .toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function BrokenFiles({ broken }: { broken: readonly BrokenSource[] }) {
  const t = useTranslations("flows");
  return (
    <Panel title={t("broken")} count={broken.length} className="border-failed-solid/40">
      <p className="px-3 pt-2 text-muted text-sm">{t("brokenHint")}</p>
      <div className="grid gap-3 px-3 py-3">
        {broken.map((source) => (
          <ProblemList key={source.path} problems={source.problems} />
        ))}
      </div>
    </Panel>
  );
}

/** All flows, filtered on the spot, and the definition files that could not be read. */
export function FlowsPage({ initial, archived }: { initial: FlowList; archived: boolean }) {
  const t = useTranslations("flows");
  const words = useTranslations();
  const trpc = useTRPC();
  const [filter, setFilter] = useQueryStates({
    q: parseAsString.withDefault(""),
    tag: parseAsString.withDefault(""),
    archived: parseAsBoolean.withDefault(false),
  });
  const query = useQuery(
    trpc.flows.list.queryOptions(filter.archived ? { archived: true } : {}, {
      refetchInterval: 10_000,
      ...(filter.archived === archived ? { initialData: initial } : {}),
      placeholderData: (previous) => previous,
    }),
  );
  const list = query.data ?? initial;
  const shown = useMemo(
    () => list.items.filter((flow) => matches(flow, filter.q, filter.tag)),
    [list.items, filter.q, filter.tag],
  );
  const search = useRef<HTMLInputElement>(null);
  useRowKeys();
  useShortcut({
    keys: "/",
    label: words("shortcuts.search"),
    run: () => search.current?.focus(),
  });
  const filtered = filter.q !== "" || filter.tag !== "";

  return (
    <Page>
      <PageHeader
        title={t("title")}
        actions={
          <>
            <div className="relative">
              <Search
                aria-hidden
                className="-translate-y-1/2 pointer-events-none absolute top-1/2 left-2.5 size-3.5 text-faint"
              />
              <Input
                ref={search}
                type="search"
                value={filter.q}
                onChange={(event) => void setFilter({ q: event.target.value || null })}
                onKeyDown={(event) => {
                  if (event.key === "Escape") event.currentTarget.blur();
                }}
                placeholder={t("filter")}
                aria-label={t("filter")}
                className="w-56 pl-8"
              />
            </div>
            <Button
              aria-pressed={filter.archived}
              variant={filter.archived ? "secondary" : "ghost"}
              onClick={() => void setFilter({ archived: filter.archived ? null : true })}
            >
              {t("archived")}
            </Button>
          </>
        }
      />
      <StaleNotice query={query} />
      {filter.tag === "" ? null : (
        <p className="flex items-center gap-2 text-muted text-sm">
          {t("tagged")}
          <Button size="sm" onClick={() => void setFilter({ tag: null })}>
            {filter.tag}
            <X aria-label={t("clearTag")} className="size-3.5!" />
          </Button>
        </p>
      )}
      {list.broken.length === 0 || filter.archived ? null : <BrokenFiles broken={list.broken} />}
      <Panel>
        {shown.length === 0 ? (
          <EmptyState
            icon={<Workflow />}
            title={filtered ? t("noMatch") : filter.archived ? t("noneArchived") : t("none")}
            action={
              filtered ? (
                <Button onClick={() => void setFilter({ q: null, tag: null })}>{t("clear")}</Button>
              ) : undefined
            }
          >
            {filtered || filter.archived ? undefined : t("noneHint")}
          </EmptyState>
        ) : (
          <FlowTable flows={shown} onTag={(tag) => void setFilter({ tag })} />
        )}
      </Panel>
    </Page>
  );
}

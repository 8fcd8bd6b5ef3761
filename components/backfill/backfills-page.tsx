"use client";
import { useQuery } from "@tanstack/react-query";
import { History, SearchX } from "lucide-react";
import { useTranslations } from "next-intl";
import { parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { useFlowOptions } from "#components/flow/use-flow-options.ts";
import { useTRPC } from "#components/shell/api.tsx";
import { Page, PageHeader } from "#components/shell/page.tsx";
import { useRowKeys } from "#components/shell/row-keys.ts";
import { StaleNotice } from "#components/shell/stale-notice.tsx";
import { Button, ButtonLink } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { FilterSelect } from "#components/ui/filter-select.tsx";
import { Panel } from "#components/ui/panel.tsx";
import { backfillStates } from "#server/core/backfill/states.ts";
import type { BackfillList } from "#server/core/backfill/view.ts";
import { BackfillRows } from "./backfill-list.tsx";

/** All backfills, newest first, with live progress. */
export function BackfillsPage({ initial }: { initial: BackfillList }) {
  const t = useTranslations("backfills");
  const words = useTranslations("common");
  const trpc = useTRPC();
  const [{ flow, state, cursor }, setPlace] = useQueryStates(
    {
      flow: parseAsString,
      state: parseAsStringLiteral(backfillStates),
      cursor: parseAsString,
    },
    { history: "push" },
  );
  const flows = useFlowOptions(flow);
  const plain = flow === null && state === null && cursor === null;
  const query = useQuery(
    trpc.backfills.list.queryOptions(
      {
        ...(flow === null ? {} : { flow }),
        ...(state === null ? {} : { state: [state] }),
        ...(cursor === null ? {} : { cursor }),
      },
      {
        refetchInterval: 3_000,
        ...(plain ? { initialData: initial } : {}),
        placeholderData: (previous) => previous,
      },
    ),
  );
  const list = query.data ?? initial;
  useRowKeys();
  return (
    <Page>
      <PageHeader
        title={t("title")}
        description={t("description")}
        actions={
          <>
            <FilterSelect
              label={words("term.flow")}
              any={t("anyFlow")}
              className="max-w-56"
              value={flow}
              onChange={(value) => void setPlace({ flow: value, cursor: null })}
              options={flows}
            />
            <FilterSelect
              label={t("filterState")}
              any={t("anyState")}
              value={state}
              onChange={(value) => void setPlace({ state: value, cursor: null })}
              options={backfillStates.map((value) => ({ value, label: t(`state.${value}`) }))}
            />
          </>
        }
      />
      <StaleNotice query={query} />
      <Panel>
        {list.items.length > 0 ? (
          <BackfillRows items={list.items} serverNow={list.now} />
        ) : plain ? (
          <EmptyState
            icon={<History />}
            title={t("none")}
            action={
              <ButtonLink href="/flows" variant="primary">
                {t("flows")}
              </ButtonLink>
            }
          >
            {t("noneHint")}
          </EmptyState>
        ) : (
          <EmptyState icon={<SearchX />} title={t("noMatch")} />
        )}
      </Panel>
      {cursor === null && list.next === null ? null : (
        <div className="flex items-center justify-between">
          <Button disabled={cursor === null} onClick={() => void setPlace({ cursor: null })}>
            {t("newest")}
          </Button>
          <Button
            disabled={list.next === null}
            onClick={() => void setPlace({ cursor: list.next })}
          >
            {t("older")}
          </Button>
        </div>
      )}
    </Page>
  );
}

"use client";
import { useQuery } from "@tanstack/react-query";
import { CalendarClock, Search, X } from "lucide-react";
import { useTranslations } from "next-intl";
import { parseAsString, useQueryState } from "nuqs";
import { useRef } from "react";
import { useTRPC } from "#components/shell/api.tsx";
import { Page, PageHeader } from "#components/shell/page.tsx";
import { useRowKeys } from "#components/shell/row-keys.ts";
import { useShortcut } from "#components/shell/shortcuts.tsx";
import { StaleNotice } from "#components/shell/stale-notice.tsx";
import { Button, ButtonLink } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Input } from "#components/ui/input.tsx";
import { Panel } from "#components/ui/panel.tsx";
import { Snippet } from "#components/ui/snippet.tsx";
import type { ScheduleList } from "#server/core/schedule/view.ts";
import { ScheduleItem, scheduleColumns } from "./schedule-item.tsx";

/** All schedules by flow: when they fire, in words and in instants, and what came of it. */
export function SchedulesPage({
  initial,
  initialFilter,
}: {
  initial: ScheduleList;
  initialFilter: string;
}) {
  const t = useTranslations("schedules");
  const words = useTranslations();
  const trpc = useTRPC();
  const [text, setText] = useQueryState("q", parseAsString.withDefault(""));
  const [cursor, setCursor] = useQueryState("cursor", parseAsString);
  const q = text.trim();
  const query = useQuery(
    trpc.schedules.list.queryOptions(
      { ...(q === "" ? {} : { q }), ...(cursor === null ? {} : { cursor }) },
      {
        refetchInterval: 10_000,
        ...(q === initialFilter && cursor === null ? { initialData: initial } : {}),
        placeholderData: (previous) => previous,
      },
    ),
  );
  const list = query.data ?? initial;
  const search = useRef<HTMLInputElement>(null);
  useRowKeys();
  useShortcut({
    keys: "/",
    label: words("shortcuts.search"),
    run: () => search.current?.focus(),
  });

  return (
    <Page>
      <PageHeader
        title={t("title")}
        description={t("description")}
        actions={
          <div className="relative">
            <Search
              aria-hidden
              className="-translate-y-1/2 pointer-events-none absolute top-1/2 left-2.5 size-3.5 text-faint"
            />
            <Input
              ref={search}
              type="search"
              value={text}
              maxLength={200}
              onChange={(event) => {
                void setText(event.target.value || null);
                void setCursor(null);
              }}
              onKeyDown={(event) => {
                if (event.key === "Escape") event.currentTarget.blur();
              }}
              placeholder={t("filter")}
              aria-label={t("filter")}
              className="w-56 pl-8"
            />
          </div>
        }
      />
      <StaleNotice query={query} />
      {list.items.length === 0 ? (
        <Panel>
          {q === "" ? (
            <EmptyState
              icon={<CalendarClock />}
              title={t("none")}
              action={<ButtonLink href="/flows">{t("flows")}</ButtonLink>}
            >
              {t("noneHint")}
              <Snippet>{'schedule:\n  cron: "0 2 * * *"\n  timezone: Asia/Seoul\n'}</Snippet>
            </EmptyState>
          ) : (
            <EmptyState
              icon={<CalendarClock />}
              title={t("noMatch")}
              action={
                <Button onClick={() => void setText(null)}>
                  <X aria-hidden />
                  {t("clear")}
                </Button>
              }
            />
          )}
        </Panel>
      ) : (
        <Panel>
          <div
            aria-hidden
            className={`hidden h-8 items-center border-b px-3 font-medium text-faint text-xs md:grid ${scheduleColumns}`}
          >
            <span>{t("fires")}</span>
            <span>{t("next")}</span>
            <span>{t("last")}</span>
          </div>
          <ul aria-label={t("title")}>
            {list.items.map((schedule) => (
              <ScheduleItem
                key={`${schedule.flow}:${schedule.key}`}
                schedule={schedule}
                serverNow={list.now}
                showFlow
              />
            ))}
          </ul>
        </Panel>
      )}
      {list.next === null ? null : (
        <div className="flex justify-center">
          <Button onClick={() => void setCursor(list.next)}>{words("common.more")}</Button>
        </div>
      )}
    </Page>
  );
}

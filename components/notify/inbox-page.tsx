"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CheckCheck, Inbox as InboxIcon, X } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { useState } from "react";
import { toast } from "sonner";
import { RerunDialog } from "#components/rerun/rerun-dialog.tsx";
import { useTRPC } from "#components/shell/api.tsx";
import { useErrorToast } from "#components/shell/error-text.ts";
import { Page, PageHeader } from "#components/shell/page.tsx";
import { useRowKeys } from "#components/shell/row-keys.ts";
import { isNotLoaded, StaleNotice } from "#components/shell/stale-notice.tsx";
import { Button, ButtonLink } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { FilterSelect } from "#components/ui/filter-select.tsx";
import { Panel } from "#components/ui/panel.tsx";
import { Select } from "#components/ui/select.tsx";
import { type Inbox, noticeEvents } from "#server/core/notify/view.ts";
import { NoticeItem } from "./notice-item.tsx";

const REFRESH_MS = 5_000;

/** All notices, newest first. */
export function InboxPage({ initial }: { initial: Inbox }) {
  const t = useTranslations("inbox");
  const words = useTranslations();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const router = useRouter();
  const onError = useErrorToast();
  const [rerunning, setRerunning] = useState<{ id: string; flow: string } | null>(null);
  const [filter, setFilter] = useQueryStates({
    unread: parseAsBoolean.withDefault(false),
    event: parseAsStringLiteral(noticeEvents),
    cursor: parseAsString,
  });
  const { unread, event, cursor } = filter;
  const plain = !unread && event === null && cursor === null;
  const query = useQuery(
    trpc.inbox.list.queryOptions(
      { unread, cursor, ...(event === null ? {} : { event }) },
      {
        refetchInterval: REFRESH_MS,
        ...(plain ? { initialData: initial } : {}),
        placeholderData: (previous) => previous,
      },
    ),
  );
  const inbox = query.data ?? initial;
  const read = useMutation(
    trpc.inbox.markRead.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.inbox.pathKey() }),
      onError,
    }),
  );
  useRowKeys();
  const newest = inbox.items[0]?.id;

  return (
    <Page>
      <PageHeader
        title={t("title")}
        description={t("description")}
        actions={
          <Button
            aria-label={t("markAll")}
            aria-disabled={inbox.unread === 0 || newest === undefined || read.isPending}
            onClick={() => {
              if (inbox.unread > 0 && newest !== undefined) read.mutate({ upTo: newest });
            }}
          >
            <CheckCheck aria-hidden />
            <span className="hidden sm:inline">{t("markAll")}</span>
          </Button>
        }
      />
      <div className="flex flex-wrap items-center gap-2">
        <Select
          label={t("show")}
          size="sm"
          value={unread ? "unread" : "all"}
          onChange={(value) =>
            void setFilter({ unread: value === "unread" ? true : null, cursor: null })
          }
          options={[
            { value: "all", label: t("all") },
            { value: "unread", label: t("unread") },
          ]}
        />
        <FilterSelect
          label={t("event")}
          any={t("anyEvent")}
          value={event}
          onChange={(value) => void setFilter({ event: value, cursor: null })}
          options={noticeEvents.map((one) => ({ value: one, label: t(`events.${one}`) }))}
        />
      </div>
      <StaleNotice query={query} />
      <Panel hidden={isNotLoaded(query)}>
        {inbox.items.length > 0 ? (
          <ul aria-label={t("title")}>
            {inbox.items.map((notice) => (
              <NoticeItem
                key={notice.id}
                notice={notice}
                onRead={() => read.mutate({ ids: [notice.id] })}
                onRerun={setRerunning}
              />
            ))}
          </ul>
        ) : plain ? (
          <EmptyState
            icon={<InboxIcon />}
            title={t("none")}
            action={<ButtonLink href="/settings/notifications">{t("setUp")}</ButtonLink>}
          >
            {t("noneHint")}
          </EmptyState>
        ) : (
          <EmptyState
            icon={<InboxIcon />}
            title={t("noMatch")}
            action={
              <Button onClick={() => void setFilter({ unread: null, event: null, cursor: null })}>
                <X aria-hidden />
                {t("clear")}
              </Button>
            }
          />
        )}
      </Panel>
      {inbox.next === null ? null : (
        <div className="flex justify-center">
          <Button onClick={() => void setFilter({ cursor: inbox.next })}>
            {words("common.more")}
          </Button>
        </div>
      )}
      {rerunning === null ? null : (
        <RerunDialog
          run={rerunning}
          scope="failed"
          task={null}
          onClose={() => setRerunning(null)}
          onStarted={(id) => {
            setRerunning(null);
            toast.success(words("rerun.started", { id }), {
              action: { label: words("rerun.open"), onClick: () => router.push(`/runs/${id}`) },
            });
          }}
        />
      )}
    </Page>
  );
}

"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Megaphone, Plus, Send, TriangleAlert, X } from "lucide-react";
import { useTranslations } from "next-intl";
import { parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { useState } from "react";
import { toast } from "sonner";
import { useTRPC } from "#components/shell/api.tsx";
import { Page, PageHeader } from "#components/shell/page.tsx";
import { isNotLoaded, StaleNotice } from "#components/shell/stale-notice.tsx";
import { Button } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { FilterSelect } from "#components/ui/filter-select.tsx";
import { Panel } from "#components/ui/panel.tsx";
import type { ChannelView, DeliveryList, DeliveryState } from "#server/core/notify/channel.ts";
import { ChannelDialog } from "./channel-dialog.tsx";
import { ChannelList } from "./channel-list.tsx";
import { DeliveryLog } from "./delivery-log.tsx";
import { SecretDialog } from "./secret-dialog.tsx";

const REFRESH_MS = 3_000;
const states = ["waiting", "sent", "failed", "dropped"] as const satisfies DeliveryState[];

/** Who is told: channels, and the log of what was delivered to them. */
export function NotificationsPage({
  channels: initialChannels,
  deliveries: initialDeliveries,
}: {
  channels: ChannelView[];
  deliveries: DeliveryList;
}) {
  const t = useTranslations("notifications");
  const words = useTranslations("common");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [editing, setEditing] = useState<{ channel: ChannelView | null } | null>(null);
  const [secret, setSecret] = useState<{ name: string; secret: string } | null>(null);
  const [filter, setFilter] = useQueryStates({
    channel: parseAsString,
    state: parseAsStringLiteral(states),
    cursor: parseAsString,
  });
  const { channel, state, cursor } = filter;
  const plain = channel === null && state === null && cursor === null;
  const channelQuery = useQuery(
    trpc.notify.channels.queryOptions(undefined, {
      refetchInterval: REFRESH_MS,
      initialData: initialChannels,
    }),
  );
  const deliveryQuery = useQuery(
    trpc.notify.deliveries.queryOptions(
      {
        cursor,
        ...(channel === null ? {} : { channel }),
        ...(state === null ? {} : { state }),
      },
      {
        refetchInterval: REFRESH_MS,
        ...(plain ? { initialData: initialDeliveries } : {}),
        placeholderData: (previous) => previous,
      },
    ),
  );
  const delivering = useQuery(
    trpc.notify.delivering.queryOptions(undefined, { refetchInterval: REFRESH_MS }),
  );
  const channels = channelQuery.data;
  const deliveries = deliveryQuery.data ?? initialDeliveries;
  const known = new Set(channels.map(({ name }) => name));
  const add = (
    <Button variant="primary" onClick={() => setEditing({ channel: null })}>
      <Plus aria-hidden />
      {t("add")}
    </Button>
  );

  return (
    <Page>
      <PageHeader
        title={t("title")}
        description={t("description")}
        actions={channels.length === 0 ? undefined : add}
      />
      <StaleNotice query={channelQuery.isError ? channelQuery : deliveryQuery} />
      {delivering.data?.delivering === false ? (
        <div
          role="status"
          className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 rounded-md bg-orange-soft px-3 py-2 text-orange text-sm"
        >
          <TriangleAlert aria-hidden className="mt-0.5 size-4" />
          <p className="font-medium">{t("notDelivering")}</p>
          <p className="col-start-2">{t("notDeliveringHint")}</p>
        </div>
      ) : null}
      <Panel title={t("channels")} count={channels.length === 0 ? undefined : channels.length}>
        {channels.length === 0 ? (
          <EmptyState icon={<Megaphone />} title={t("none")} action={add}>
            {t("noneHint")}
          </EmptyState>
        ) : (
          <ChannelList
            channels={channels}
            onEdit={(one) => setEditing({ channel: one })}
            onSecret={(name, value) => setSecret({ name, secret: value })}
          />
        )}
      </Panel>
      <Panel
        title={t("deliveries")}
        aside={
          plain && deliveries.items.length === 0 ? undefined : (
            <>
              <FilterSelect
                label={t("channel")}
                any={t("anyChannel")}
                className="max-w-36"
                value={channel}
                onChange={(value) => void setFilter({ channel: value, cursor: null })}
                options={channels.map(({ name }) => ({ value: name, label: name }))}
              />
              <FilterSelect
                label={t("stateLabel")}
                any={t("anyState")}
                value={state}
                onChange={(value) => void setFilter({ state: value, cursor: null })}
                options={states.map((one) => ({ value: one, label: t(`state.${one}`) }))}
              />
            </>
          )
        }
      >
        {isNotLoaded(deliveryQuery) ? null : deliveries.items.length > 0 ? (
          <DeliveryLog deliveries={deliveries.items} known={known} />
        ) : plain ? (
          <EmptyState icon={<Send />} title={t("noDeliveries")}>
            {t("noDeliveriesHint")}
          </EmptyState>
        ) : (
          <EmptyState
            icon={<Send />}
            title={t("noMatch")}
            action={
              <Button onClick={() => void setFilter({ channel: null, state: null, cursor: null })}>
                <X aria-hidden />
                {t("clear")}
              </Button>
            }
          />
        )}
      </Panel>
      {deliveries.next === null ? null : (
        <div className="flex justify-center">
          <Button onClick={() => void setFilter({ cursor: deliveries.next })}>
            {words("more")}
          </Button>
        </div>
      )}
      {editing === null ? null : (
        <ChannelDialog
          channel={editing.channel}
          onClose={() => setEditing(null)}
          onSaved={(name, created) => {
            setEditing(null);
            if (created === null) toast.success(t("saved", { name }));
            else setSecret({ name, secret: created });
            void queryClient.invalidateQueries({ queryKey: trpc.notify.pathKey() });
          }}
        />
      )}
      {secret === null ? null : <SecretDialog {...secret} onClose={() => setSecret(null)} />}
    </Page>
  );
}

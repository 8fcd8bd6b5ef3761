"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import {
  Ellipsis,
  Hash,
  KeyRound,
  type LucideIcon,
  Mail,
  Pencil,
  Send,
  Trash2,
  Webhook,
} from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { toast } from "sonner";
import { useTRPC } from "#components/shell/api.tsx";
import { useErrorToast } from "#components/shell/error-text.ts";
import { Time } from "#components/time/time.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { Menu, MenuItem, MenuSeparator } from "#components/ui/menu.tsx";
import type { ChannelKind, ChannelView } from "#server/core/notify/channel.ts";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { NextTry } from "./delivery-log.tsx";
import { DeliveryStateLabel } from "./delivery-state.tsx";
import { TryOutcome } from "./try-outcome.tsx";

const kindIcon: Readonly<Record<ChannelKind, LucideIcon>> = {
  webhook: Webhook,
  slack: Hash,
  email: Mail,
};

/** Where a channel leads, as far as that is no secret. */
function targetOf({ kind, settings }: ChannelView): string | null {
  if (kind === "webhook" && typeof settings.url === "string") return settings.url;
  if (kind === "email" && Array.isArray(settings.to)) return settings.to.join(", ");
  return null;
}

type Asked = { what: "remove" | "rotate"; name: string };

/** Channels with what came of their last delivery, and what can be done with each. */
export function ChannelList({
  channels,
  onEdit,
  onSecret,
}: {
  channels: ChannelView[];
  onEdit: (channel: ChannelView) => void;
  onSecret: (name: string, secret: string) => void;
}) {
  const t = useTranslations("notifications");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const onError = useErrorToast();
  const [asked, setAsked] = useState<Asked | null>(null);
  const refresh = () => queryClient.invalidateQueries({ queryKey: trpc.notify.pathKey() });
  const test = useMutation(
    trpc.notify.test.mutationOptions({
      onSuccess: async (_, { name }) => {
        toast.success(t("testQueued", { name }));
        await refresh();
      },
      onError,
    }),
  );
  const remove = useMutation(
    trpc.notify.remove.mutationOptions({
      onSuccess: async ({ name }) => {
        setAsked(null);
        toast.success(t("removed", { name }));
        await refresh();
      },
      onError,
    }),
  );
  const rotate = useMutation(
    trpc.notify.rotate.mutationOptions({
      onSuccess: async ({ name, secret }) => {
        setAsked(null);
        onSecret(name, secret);
        await refresh();
      },
      onError,
    }),
  );

  return (
    <>
      <ul aria-label={t("channels")}>
        {channels.map((channel) => {
          const { name, kind, last } = channel;
          const Icon = kindIcon[kind];
          const target = targetOf(channel);
          return (
            <li
              key={name}
              className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1.5 border-t px-3 py-2.5 text-sm first:border-t-0 hover:bg-fill md:grid-cols-[minmax(0,1fr)_minmax(0,18rem)_auto]"
            >
              <div className="flex min-w-0 items-start gap-2.5">
                <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-faint" />
                <div className="grid min-w-0 gap-0.5">
                  <div className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
                    <span className="truncate font-medium">{name}</span>
                    <span className="text-muted text-xs">{t(`kinds.${kind}`)}</span>
                    {channel.byDefault ? <Badge>{t("default")}</Badge> : null}
                  </div>
                  {target === null ? null : (
                    <span className="truncate font-mono text-muted text-xs">{target}</span>
                  )}
                </div>
              </div>
              <div className="order-last col-span-2 grid min-w-0 gap-0.5 pl-6.5 md:order-none md:col-span-1 md:pl-0">
                {last === null ? (
                  <span className="text-faint text-xs">{t("nothingSent")}</span>
                ) : (
                  <>
                    <span className="flex flex-wrap items-center gap-x-2">
                      <DeliveryStateLabel
                        state={last.state === "waiting" ? "retrying" : last.state}
                      />
                      <Time at={last.at} precision="minute" className="text-faint text-xs" />
                    </span>
                    {last.state === "sent" || last.message === null ? null : (
                      <TryOutcome
                        fault={last.fault}
                        message={last.message}
                        className="line-clamp-4"
                      />
                    )}
                    {last.nextTryAt === null ? null : (
                      <span className="text-muted text-xs">
                        <NextTry at={last.nextTryAt} />
                      </span>
                    )}
                  </>
                )}
              </div>
              <div className="flex items-center gap-2">
                <Button
                  size="sm"
                  aria-label={t("testOf", { name })}
                  aria-disabled={test.isPending}
                  onClick={() => {
                    if (!test.isPending) test.mutate({ name });
                  }}
                >
                  <Send aria-hidden />
                  <span className="hidden sm:inline">{t("test")}</span>
                </Button>
                <Menu
                  trigger={
                    <Button variant="ghost" size="icon-sm" aria-label={t("actionsOf", { name })}>
                      <Ellipsis aria-hidden />
                    </Button>
                  }
                >
                  <MenuItem onClick={() => onEdit(channel)}>
                    <Pencil aria-hidden />
                    {t("edit")}
                  </MenuItem>
                  {kind === "webhook" ? (
                    <MenuItem onClick={() => setAsked({ what: "rotate", name })}>
                      <KeyRound aria-hidden />
                      {t("rotate")}
                    </MenuItem>
                  ) : null}
                  <MenuSeparator />
                  <MenuItem onClick={() => setAsked({ what: "remove", name })}>
                    <Trash2 aria-hidden />
                    {t("remove")}
                  </MenuItem>
                </Menu>
              </div>
            </li>
          );
        })}
      </ul>
      {asked === null ? null : (
        <ConfirmDialog
          title={t(`${asked.what}Title`, { name: asked.name })}
          description={t(`${asked.what}Hint`)}
          action={t(asked.what)}
          busy={remove.isPending || rotate.isPending}
          onConfirm={() => (asked.what === "remove" ? remove : rotate).mutate({ name: asked.name })}
          onClose={() => setAsked(null)}
        />
      )}
    </>
  );
}

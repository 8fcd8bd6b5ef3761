"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { toast } from "sonner";
import { useTRPC } from "#components/shell/api.tsx";
import { useErrorToast } from "#components/shell/error-text.ts";
import { Time } from "#components/time/time.tsx";
import { Button } from "#components/ui/button.tsx";
import type { DeliveryView } from "#server/core/notify/channel.ts";
import { noticeEvents } from "#server/core/notify/view.ts";
import { shownDelivery } from "./delivery-look.ts";
import { DeliveryStateLabel } from "./delivery-state.tsx";
import { TryOutcome } from "./try-outcome.tsx";

/** Deliveries, newest first: what became of each, after how many tries and why. */
export function DeliveryLog({
  deliveries,
  known,
}: {
  deliveries: DeliveryView[];
  /** Names of channels that exist: only those can be sent to again. */
  known: ReadonlySet<string>;
}) {
  const t = useTranslations("notifications");
  const words = useTranslations("inbox");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const onError = useErrorToast();
  const resend = useMutation(
    trpc.notify.resend.mutationOptions({
      onSuccess: async ({ delivery }) => {
        toast.success(t("resent", { id: delivery }));
        await queryClient.invalidateQueries({ queryKey: trpc.notify.pathKey() });
      },
      onError,
    }),
  );
  return (
    <ul aria-label={t("deliveries")}>
      {deliveries.map((delivery) => {
        const { id, channel, tries } = delivery;
        const event = noticeEvents.find((one) => one === delivery.event);
        const state = shownDelivery(delivery);
        const last = tries.at(-1);
        const mayResend = known.has(channel) && state !== "waiting";
        return (
          <li
            key={id}
            className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 border-t px-3 py-2 text-sm first:border-t-0 hover:bg-fill"
          >
            <div className="grid min-w-0 gap-0.5">
              <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-0.5 md:flex-nowrap">
                <span className="inline-flex shrink-0 md:w-28">
                  <DeliveryStateLabel state={state} />
                </span>
                <span className="shrink-0">
                  {event === undefined ? t("testEvent") : words(`events.${event}`)}
                </span>
                <Subject delivery={delivery} />
                <span className="min-w-0 break-words text-muted md:shrink-0">
                  {t("toChannel", { name: channel })}
                </span>
                <Time at={delivery.createdAt} className="text-faint text-xs md:ml-auto" />
              </div>
              <div className="flex min-w-0 flex-wrap gap-x-3 text-muted text-xs md:pl-31">
                <span>{t("number", { id })}</span>
                {delivery.resentOf === null ? null : (
                  <span>{t("resentOf", { id: delivery.resentOf })}</span>
                )}
                <span>{t("tries", { count: tries.length })}</span>
                {delivery.nextTryAt === null || state !== "retrying" ? null : (
                  <NextTry at={delivery.nextTryAt} />
                )}
                {last === undefined ? null : (
                  <TryOutcome fault={last.fault} message={last.message} />
                )}
              </div>
            </div>
            {mayResend ? (
              <Button
                size="sm"
                // What has arrived is seldom sent again.
                variant={state === "sent" ? "ghost" : "secondary"}
                aria-label={t("resendOf", { id })}
                aria-disabled={resend.isPending}
                onClick={() => {
                  if (!resend.isPending) resend.mutate({ id });
                }}
              >
                <RotateCw aria-hidden />
                <span className="hidden sm:inline">{t("resend")}</span>
              </Button>
            ) : null}
          </li>
        );
      })}
    </ul>
  );
}

/** When a delivery is tried again. */
export function NextTry({ at }: { at: string }) {
  const t = useTranslations("notifications");
  return <span>{t.rich("nextTry", { time: () => <Time at={at} /> })}</span>;
}

/** What a delivery tells of, with the way there; nothing for a test. */
function Subject({ delivery }: { delivery: DeliveryView }) {
  const { flow, run, backfill, runner } = delivery;
  const number = run ?? backfill;
  const href =
    run !== null
      ? `/runs/${run}`
      : backfill !== null
        ? `/backfills/${backfill}`
        : flow !== null
          ? `/flows/${encodeURIComponent(flow)}`
          : "/runners";
  const name = flow ?? runner;
  if (name === null) return null;
  return (
    <Link href={href} className="min-w-0 break-words text-muted hover:underline md:truncate">
      {number === null ? name : `${name} #${number}`}
    </Link>
  );
}

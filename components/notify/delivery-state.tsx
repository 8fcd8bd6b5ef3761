"use client";
import { useTranslations } from "next-intl";
import { toneClass } from "#components/status/status-look.ts";
import { cn } from "#components/ui/cn.ts";
import { deliveryLook, type ShownDelivery } from "./delivery-look.ts";

/** Icon and word for what became of a delivery. */
export function DeliveryStateLabel({ state }: { state: ShownDelivery }) {
  const t = useTranslations("notifications.state");
  const { tone, icon: Icon } = deliveryLook[state];
  return (
    <span
      data-state={state}
      className={cn(
        "inline-flex shrink-0 items-center gap-1.5 whitespace-nowrap font-medium text-sm",
        toneClass[tone].text,
      )}
    >
      <Icon aria-hidden className="size-4" />
      {t(state)}
    </span>
  );
}

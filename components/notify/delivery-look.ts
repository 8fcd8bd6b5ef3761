import { Check, CircleSlash, Clock, type LucideIcon, RotateCw, X } from "lucide-react";
import type { Tone } from "#components/status/status-look.ts";
import type { DeliveryState, DeliveryView } from "#server/core/notify/channel.ts";

/** A delivery that waits after a try that failed is tried again: readers want to know which. */
export type ShownDelivery = DeliveryState | "retrying";

export const deliveryLook: Readonly<Record<ShownDelivery, { tone: Tone; icon: LucideIcon }>> = {
  waiting: { tone: "neutral", icon: Clock },
  retrying: { tone: "yellow", icon: RotateCw },
  sent: { tone: "success", icon: Check },
  failed: { tone: "failed", icon: X },
  dropped: { tone: "dark", icon: CircleSlash },
};

export function shownDelivery({ state, tries }: Pick<DeliveryView, "state" | "tries">) {
  return state === "waiting" && tries.length > 0 ? "retrying" : state;
}

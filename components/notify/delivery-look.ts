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

/** The queue waits e to the power of the tries so far, in seconds, and counts no more than ten. */
const MOST_COUNTED = 10;

/** About when a delivery is tried again; null when it is not, or not yet tried. */
export function nextTryAt(delivery: Pick<DeliveryView, "state" | "tries">): string | null {
  const last = delivery.tries.at(-1);
  if (last === undefined || shownDelivery(delivery) !== "retrying") return null;
  const seconds = Math.exp(Math.min(delivery.tries.length, MOST_COUNTED));
  return new Date(Date.parse(last.at) + Math.round(seconds * 1_000)).toISOString();
}

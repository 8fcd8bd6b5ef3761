import { CalendarX2, Check, Hourglass, Layers, type LucideIcon, Unplug, X } from "lucide-react";
import { statusLook, type Tone } from "#components/status/status-look.ts";
import type { NoticeEvent, NoticeView } from "#server/core/notify/view.ts";

interface Look {
  tone: Tone;
  icon: LucideIcon;
}

/** How each event looks; its word stands beside it. */
const noticeLook: Readonly<Record<NoticeEvent, Look>> = {
  failed: { tone: "failed", icon: X },
  timed_out: { tone: "orange", icon: Hourglass },
  recovered: { tone: "success", icon: Check },
  schedule_missed: { tone: "yellow", icon: CalendarX2 },
  backfill_finished: { tone: "neutral", icon: Layers },
  runner_lost: { tone: "orange", icon: Unplug },
};

const ends = ["succeeded", "failed", "cancelled"] as const;

/** How the backfill ended that a notice is about; null when it is about none. */
export function backfillEnd({ event, detail }: Pick<NoticeView, "event" | "detail">) {
  if (event !== "backfill_finished") return null;
  return ends.find((end) => end === detail.state) ?? null;
}

/** A backfill looks like what became of it. */
export function lookOf(notice: Pick<NoticeView, "event" | "detail">): Look {
  const end = backfillEnd(notice);
  return end === null ? noticeLook[notice.event] : statusLook[end];
}

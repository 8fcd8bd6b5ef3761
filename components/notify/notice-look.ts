import { CalendarX2, Check, Hourglass, Layers, type LucideIcon, Unplug, X } from "lucide-react";
import type { Tone } from "#components/status/status-look.ts";
import type { NoticeEvent } from "#server/core/notify/view.ts";

/** How each event looks; its word stands beside it. */
export const noticeLook: Readonly<Record<NoticeEvent, { tone: Tone; icon: LucideIcon }>> = {
  failed: { tone: "failed", icon: X },
  timed_out: { tone: "orange", icon: Hourglass },
  recovered: { tone: "success", icon: Check },
  schedule_missed: { tone: "yellow", icon: CalendarX2 },
  backfill_finished: { tone: "neutral", icon: Layers },
  runner_lost: { tone: "orange", icon: Unplug },
};

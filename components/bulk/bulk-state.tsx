"use client";
import { CircleCheck, CircleDashed, CircleSlash, CircleX } from "lucide-react";
import { useTranslations } from "next-intl";
import { StatusIcon } from "#components/status/status.tsx";
import { type AnyState, statusLook, toneClass } from "#components/status/status-look.ts";
import { cn } from "#components/ui/cn.ts";
import type { BulkState, BulkView } from "#server/core/run/bulk-view.ts";

/** How each result of a run looks, in bars, counts and rows. */
export const resultLook = {
  pending: { icon: CircleDashed, text: "text-muted", solid: "bg-fill-strong" },
  done: { icon: CircleCheck, text: "text-success", solid: "bg-success-solid" },
  skipped: { icon: CircleSlash, text: "text-muted", solid: "bg-neutral-solid" },
  failed: { icon: CircleX, text: "text-failed", solid: "bg-failed-solid" },
} as const satisfies Record<BulkState, unknown>;

type Phase = "working" | "finished" | "stopped";

const phaseLook: Readonly<Record<Phase, AnyState>> = {
  working: "running",
  finished: "succeeded",
  stopped: "cancelled",
};

function phaseOf({ finishedAt, stoppedAt }: BulkView): Phase {
  if (finishedAt === null) return "working";
  return stoppedAt === null ? "finished" : "stopped";
}

/** Icon and word of how far a bulk action is, in a tinted badge. */
export function BulkBadge({ bulk }: { bulk: BulkView }) {
  const t = useTranslations("bulk.phase");
  const phase = phaseOf(bulk);
  const tone = toneClass[statusLook[phaseLook[phase]].tone];
  return (
    <span
      data-phase={phase}
      className={cn(
        "inline-flex h-5.5 shrink-0 items-center gap-1 whitespace-nowrap rounded-md px-1.5 font-medium text-xs",
        tone.text,
        tone.soft,
      )}
    >
      <StatusIcon state={phaseLook[phase]} className="size-3.5" />
      {t(phase)}
    </span>
  );
}

/** What became of the runs so far, as a bar. The numbers stand beside it. */
export function BulkBar({ bulk, className }: { bulk: BulkView; className?: string }) {
  const { counts, total } = bulk;
  return (
    <span
      aria-hidden
      className={cn("flex h-2 overflow-hidden rounded-full bg-fill-strong", className)}
    >
      {(["done", "skipped", "failed"] as const).map((part) =>
        counts[part] === 0 ? null : (
          <span
            key={part}
            className={resultLook[part].solid}
            style={{ width: `${(counts[part] / Math.max(1, total)) * 100}%` }}
          />
        ),
      )}
    </span>
  );
}

"use client";
import { CircleCheck, CircleStop, Hourglass, Unlink } from "lucide-react";
import { useTranslations } from "next-intl";
import { type Tone, toneClass } from "#components/status/status-look.ts";
import { cn } from "#components/ui/cn.ts";
import type { RunnerView } from "#server/core/queue/runner-view.ts";

const looks = {
  active: { tone: "success", icon: CircleCheck },
  draining: { tone: "yellow", icon: Hourglass },
  stopped: { tone: "dark", icon: CircleStop },
  lost: { tone: "orange", icon: Unlink },
} as const satisfies Record<RunnerView["state"], { tone: Tone; icon: typeof CircleCheck }>;

export function RunnerState({ state }: { state: RunnerView["state"] }) {
  const t = useTranslations("common.runnerState");
  const { tone, icon: Icon } = looks[state];
  return (
    <span
      data-state={state}
      className={cn(
        "inline-flex items-center gap-1.5 whitespace-nowrap align-middle font-medium text-sm",
        toneClass[tone].text,
      )}
    >
      <Icon aria-hidden className="size-4" />
      {t(state)}
    </span>
  );
}

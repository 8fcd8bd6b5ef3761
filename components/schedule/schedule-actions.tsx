"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CirclePause, CirclePlay, Play } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useRef } from "react";
import { toast } from "sonner";
import { useTRPC } from "#components/shell/api.tsx";
import { useErrorToast } from "#components/shell/error-text.ts";
import { Button } from "#components/ui/button.tsx";
import type { ScheduleView } from "#server/core/schedule/view.ts";

/**
 * Pause or resume, and run now. None of them leaves the page, and a button that waits for an answer
 * keeps the focus, which a disabled one would lose.
 */
export function ScheduleActions({ schedule }: { schedule: ScheduleView }) {
  const t = useTranslations("schedules");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const router = useRouter();
  // One key until a run has come of it: clicks in between ask for the same run.
  const key = useRef<string | null>(null);
  const ref = { flow: schedule.flow, key: schedule.key };
  const refresh = async () => {
    await Promise.all(
      [trpc.schedules.list.pathKey(), trpc.overview.get.pathKey()].map((queryKey) =>
        queryClient.invalidateQueries({ queryKey }),
      ),
    );
  };
  const onError = useErrorToast();
  const pause = useMutation(
    trpc.schedules.pause.mutationOptions({
      onSuccess: async () => {
        toast.success(t("pausedToast"));
        await refresh();
      },
      onError,
    }),
  );
  const resume = useMutation(
    trpc.schedules.resume.mutationOptions({
      onSuccess: async () => {
        toast.success(t("resumedToast"));
        await refresh();
      },
      onError,
    }),
  );
  const runNow = useMutation(
    trpc.schedules.runNow.mutationOptions({
      onSuccess: async (run) => {
        key.current = null;
        toast.success(t("startedToast", { id: run.id }), {
          action: { label: t("open"), onClick: () => router.push(`/runs/${run.id}`) },
        });
        await refresh();
      },
      onError,
    }),
  );
  const name = t("numberOf", { flow: schedule.flowName ?? schedule.flow, key: schedule.key });
  const paused = schedule.state === "paused";
  // Only the change that the button offers: the one before it is done as soon as it shows.
  const busy = (paused ? resume : pause).isPending;
  return (
    <div className="flex flex-wrap items-center gap-2 md:justify-end">
      {schedule.state === "resting" ? null : (
        <Button
          size="sm"
          aria-disabled={runNow.isPending}
          aria-label={t("runNowOf", { schedule: name })}
          onClick={() => {
            if (runNow.isPending) return;
            key.current ??= crypto.randomUUID();
            runNow.mutate({ ...ref, idempotencyKey: key.current });
          }}
        >
          <Play aria-hidden />
          {t("runNow")}
        </Button>
      )}
      {schedule.state === "active" || paused ? (
        <Button
          size="sm"
          variant={paused ? "secondary" : "ghost"}
          aria-disabled={busy}
          aria-label={t(paused ? "resumeOf" : "pauseOf", { schedule: name })}
          onClick={() => {
            if (!busy) (paused ? resume : pause).mutate(ref);
          }}
        >
          {paused ? <CirclePlay aria-hidden /> : <CirclePause aria-hidden />}
          {t(paused ? "resume" : "pause")}
        </Button>
      ) : null}
    </div>
  );
}

"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CirclePause, CirclePlay, SlidersHorizontal } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { toast } from "sonner";
import { SlotsDialog } from "#components/queue/slots-dialog.tsx";
import { useTRPC } from "#components/shell/api.tsx";
import { useErrorToast, useThrownText } from "#components/shell/error-text.ts";
import { Button } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import type { RunnerView } from "#server/core/queue/runner-view.ts";

const MOST_SLOTS = 1_000;

/**
 * Drain or resume a runner, and change its slots. Nothing for one that has ended.
 * @param compact icons only, for narrow screens
 */
export function RunnerActions({
  runner,
  compact = false,
}: {
  runner: RunnerView;
  compact?: boolean;
}) {
  const t = useTranslations("runners");
  const textOf = useThrownText();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [edits, setEdits] = useState(false);
  const options = {
    onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.runners.list.pathKey() }),
    onError: useErrorToast(),
  };
  const drain = useMutation(trpc.runners.drain.mutationOptions(options));
  const resume = useMutation(trpc.runners.resume.mutationOptions(options));
  const setSlots = useMutation(
    trpc.runners.setSlots.mutationOptions({
      onSuccess: async ({ name, slots }) => {
        await options.onSuccess();
        toast.success(t("slotsSaved", { name, slots }));
        setEdits(false);
      },
    }),
  );
  if (runner.state !== "active" && runner.drainedBy === null) return null;
  const drained = runner.state === "draining";
  const order = drained ? resume : drain;
  return (
    <div className={cn("flex items-center gap-2", !compact && "justify-end")}>
      <Button
        size={compact ? "icon-sm" : "sm"}
        aria-label={t("slotsOf", { name: runner.name })}
        onClick={() => {
          setSlots.reset();
          setEdits(true);
        }}
      >
        {compact ? <SlidersHorizontal aria-hidden /> : t("setSlots")}
      </Button>
      <Button
        size={compact ? "icon-sm" : "sm"}
        variant={drained ? "secondary" : "ghost"}
        aria-disabled={order.isPending}
        aria-label={t(drained ? "resumeOf" : "drainOf", { name: runner.name })}
        onClick={() => {
          if (!order.isPending) order.mutate({ id: runner.id });
        }}
      >
        {drained ? <CirclePlay aria-hidden /> : <CirclePause aria-hidden />}
        {compact ? null : t(drained ? "resume" : "drain")}
      </Button>
      {edits ? (
        <SlotsDialog
          title={t("slotsTitle", { name: runner.name })}
          description={t("slotsHint")}
          slots={runner.slots}
          least={1}
          most={MOST_SLOTS}
          unlimited={false}
          busy={setSlots.isPending}
          error={setSlots.error === null ? null : textOf(setSlots.error).message}
          onSave={(slots) => {
            if (slots !== null) setSlots.mutate({ id: runner.id, slots });
          }}
          onClose={() => setEdits(false)}
        />
      ) : null}
    </div>
  );
}

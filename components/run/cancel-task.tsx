"use client";
import { useMutation } from "@tanstack/react-query";
import { Square } from "lucide-react";
import { useTranslations } from "next-intl";
import { useTRPC } from "#components/shell/api.tsx";
import { useErrorToast } from "#components/shell/error-text.ts";
import { Button } from "#components/ui/button.tsx";
import { isTaskEnded } from "#server/core/run/states.ts";
import type { RunDetail, TaskRunView } from "#server/core/run/view.ts";

/** Stops one task that has not ended; what depends on it will not run. */
export function CancelTask({ run, task }: { run: RunDetail; task: TaskRunView }) {
  const t = useTranslations("run");
  const trpc = useTRPC();
  const showError = useErrorToast();
  const cancel = useMutation(
    trpc.runs.cancelTask.mutationOptions({
      onError: showError,
    }),
  );
  if (isTaskEnded(task.state) || task.state === "waiting") return null;
  return (
    <Button
      variant="ghost"
      size="sm"
      disabled={cancel.isPending || cancel.isSuccess}
      onClick={() => cancel.mutate({ id: run.id, task: task.id })}
    >
      <Square aria-hidden className="size-3.5!" />
      {cancel.isSuccess ? t("cancelling") : t("cancelTask")}
    </Button>
  );
}

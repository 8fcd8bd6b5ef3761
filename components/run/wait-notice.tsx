"use client";
import { skipToken, useQuery } from "@tanstack/react-query";
import { Clock } from "lucide-react";
import { useTranslations } from "next-intl";
import { WaitReasonText } from "#components/queue/wait-reason.tsx";
import { NoRunner } from "#components/runner/no-runner.tsx";
import { useTRPC } from "#components/shell/api.tsx";
import { isRunEnded } from "#server/core/run/states.ts";
import type { RunDetail, TaskRunView, WaitReason } from "#server/core/run/view.ts";
import { taskName } from "./task-name.ts";

/** Why a task that has not ended is not running. Asked anew when the task run changes. */
export function WaitNotice({ run, task }: { run: RunDetail; task: TaskRunView }) {
  const trpc = useTRPC();
  const query = useQuery(
    trpc.runs.io.queryOptions({ id: run.id, task: task.id }, { refetchInterval: 3_000 }),
  );
  return (
    <>
      {query.data?.waits.map((reason) => (
        <Reason key={reason.kind} reason={reason} run={run} />
      ))}
    </>
  );
}

function Reason({ reason, run }: { reason: WaitReason; run: RunDetail }) {
  if (reason.kind === "no_runner") return <NoRunner compact />;
  return (
    <p className="flex items-start gap-2 px-3 py-2 text-muted text-sm">
      <Clock aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span className="min-w-0">
        <WaitReasonText reason={reason} nameOf={(id) => taskName(run.graph, id)} />
      </span>
    </p>
  );
}

/** Why a whole run does not go on, while none of its tasks runs. */
export function RunWaitNotice({ run }: { run: RunDetail }) {
  const t = useTranslations("run.waits");
  const trpc = useTRPC();
  const idle =
    !isRunEnded(run.state) && !run.tasks.some(({ state }) => state === "running") ? run.id : null;
  const query = useQuery(
    trpc.runs.waits.queryOptions(idle === null ? skipToken : { id: idle }, {
      refetchInterval: 3_000,
    }),
  );
  const reasons = (idle === null ? [] : (query.data?.run ?? [])).filter(
    // What is about to go on needs no explanation.
    ({ kind }) => kind !== "next",
  );
  if (reasons.length === 0) return null;
  return (
    <section
      aria-label={t("title")}
      className="grid shrink-0 gap-1 rounded-lg border bg-surface px-3 py-2 text-sm"
    >
      {reasons.map((reason) => (
        <p key={JSON.stringify(reason)} className="flex items-start gap-2 text-muted">
          <Clock aria-hidden className="mt-0.5 size-4 shrink-0" />
          <span className="min-w-0">
            <WaitReasonText reason={reason} nameOf={(id) => taskName(run.graph, id)} />
          </span>
        </p>
      ))}
    </section>
  );
}

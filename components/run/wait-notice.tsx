"use client";
import { useQuery } from "@tanstack/react-query";
import { Clock } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { NoRunner } from "#components/runner/no-runner.tsx";
import { useTRPC } from "#components/shell/api.tsx";
import { Time } from "#components/time/time.tsx";
import type { TaskRunView, WaitReason } from "#server/core/run/view.ts";

/** Why a task that has not ended is not running. Asked anew when the task run changes. */
export function WaitNotice({ run, task }: { run: string; task: TaskRunView }) {
  const trpc = useTRPC();
  const query = useQuery(
    trpc.runs.io.queryOptions({ id: run, task: task.id }, { refetchInterval: 3_000 }),
  );
  return (
    <>
      {query.data?.waits.map((reason) => (
        <Reason key={reason.kind} reason={reason} />
      ))}
    </>
  );
}

function Reason({ reason }: { reason: WaitReason }) {
  const t = useTranslations("run.waits");
  switch (reason.kind) {
    case "no_runner":
      return <NoRunner compact />;
    case "needs": {
      const shown = reason.tasks.slice(0, 5);
      const more = reason.tasks.length - shown.length;
      return (
        <Notice>
          {t("needs", { count: reason.tasks.length })}{" "}
          <span className="break-all font-mono text-text text-xs">{shown.join(", ")}</span>
          {more > 0 ? ` ${t("more", { count: more })}` : ""}
        </Notice>
      );
    }
    case "slot":
      return (
        <Notice>
          {t("slot")}{" "}
          <Link href="/runners" className="text-accent hover:underline">
            {t("runners")}
          </Link>
        </Notice>
      );
    case "earlier_runs":
      return (
        <Notice>
          {t("earlierRuns", { count: reason.runs.length })}{" "}
          {reason.runs.slice(0, 5).map((run, index) => (
            <span key={run}>
              {index > 0 ? ", " : ""}
              <Link href={`/runs/${run}`} className="font-mono text-accent text-xs hover:underline">
                #{run}
              </Link>
            </span>
          ))}
        </Notice>
      );
    case "retry":
      return (
        <Notice>
          {t("retry")} <Time at={reason.at} />
        </Notice>
      );
  }
}

function Notice({ children }: { children: React.ReactNode }) {
  return (
    <p className="flex items-start gap-2 px-3 py-2 text-muted text-sm">
      <Clock aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span className="min-w-0">{children}</span>
    </p>
  );
}

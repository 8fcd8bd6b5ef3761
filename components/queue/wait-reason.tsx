"use client";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { Time } from "#components/time/time.tsx";
import type { WaitReason } from "#server/core/run/view.ts";

/** Tasks and runs that are named; the others are counted. */
const MOST_NAMED = 5;

const linkClass = "text-accent hover:underline";

/**
 * Why something waits, in one sentence with the way to what it waits for.
 * @param nameOf what people call a task of the run
 * @param onQueue stands on the page of the queue, which needs no way to itself
 */
export function WaitReasonText({
  reason,
  nameOf = (id) => id,
  onQueue = false,
}: {
  reason: WaitReason;
  nameOf?: (task: string) => string;
  onQueue?: boolean;
}) {
  const t = useTranslations("run.waits");
  switch (reason.kind) {
    case "no_runner":
      return (
        <>
          {t("noRunner")} <RunnersLink />
        </>
      );
    case "needs": {
      const shown = reason.tasks.slice(0, MOST_NAMED);
      const more = reason.tasks.length - shown.length;
      return (
        <>
          {t("needs", { count: reason.tasks.length })}{" "}
          <span className="break-words text-text">{shown.map(nameOf).join(", ")}</span>
          {more > 0 ? ` ${t("more", { count: more })}` : ""}
        </>
      );
    }
    case "slot":
      return (
        <>
          {t("slot")} <RunnersLink />
        </>
      );
    case "label":
      return (
        <>
          {t.rich("label", {
            label: () => <code className="text-text text-xs">{reason.label}</code>,
          })}{" "}
          <RunnersLink />
        </>
      );
    case "pool":
      return (
        <>
          {t.rich("pool", {
            pool: () => <span className="font-medium text-text">{reason.pool}</span>,
            running: reason.running,
            slots: reason.slots,
          })}{" "}
          {onQueue ? null : (
            <Link href="/queue" className={linkClass}>
              {t("queue")}
            </Link>
          )}
        </>
      );
    case "flow_limit":
      return (
        <>
          {t("flowLimit", { active: reason.active, limit: reason.limit })}{" "}
          <Link href={`/runs?flow=${reason.flow}&state=queued,running`} className={linkClass}>
            {t("activeRuns")}
          </Link>
        </>
      );
    case "earlier_runs":
      return (
        <>
          {t("earlierRuns", { count: reason.runs.length })}{" "}
          {reason.runs.slice(0, MOST_NAMED).map((run, index) => (
            <span key={run}>
              {index > 0 ? ", " : ""}
              <Link href={`/runs/${run}`} className={`font-mono text-xs ${linkClass}`}>
                #{run}
              </Link>
            </span>
          ))}
        </>
      );
    case "retry":
      return (
        <>
          {t("retry")} <Time at={reason.at} />
        </>
      );
    case "apart":
      return <>{t("apart")}</>;
    case "next":
      return <>{t("next")}</>;
  }
}

function RunnersLink() {
  const t = useTranslations("run.waits");
  return (
    <Link href="/runners" className={linkClass}>
      {t("runners")}
    </Link>
  );
}

"use client";
import Link from "next/link";
import { useTranslations } from "next-intl";
import type { BackfillWait } from "#server/core/backfill/wait.ts";

/** Why rows of a backfill have no run yet, in one sentence. */
export function BackfillWaitText({ reason }: { reason: BackfillWait }) {
  const t = useTranslations("queue.backfillWaits");
  switch (reason.kind) {
    case "window":
      return <>{t("window", { running: reason.running, window: reason.window })}</>;
    case "canary":
      return <>{t("canary", { rows: reason.rows })}</>;
    case "paused":
      return <>{t("paused")}</>;
    case "live_run":
      return (
        <>
          {t.rich("liveRun", {
            run: () => (
              <Link href={`/runs/${reason.run}`} className="text-accent underline">
                #{reason.run}
              </Link>
            ),
          })}
        </>
      );
    case "next":
      return <>{t("next")}</>;
  }
}

"use client";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { rowAttribute } from "#components/shell/row-keys.ts";
import { Ago, Interval, useDurationText, useNumberText } from "#components/time/time.tsx";
import type { BackfillSummary } from "#server/core/backfill/view.ts";
import { BackfillBadge, BackfillProgress } from "./backfill-state.tsx";

const columns =
  "md:grid-cols-[6.5rem_minmax(0,1.2fr)_minmax(0,1.2fr)_minmax(0,1fr)_7rem_8rem] md:items-center";

/** Backfills, newest first: each a link as wide as its row. */
export function BackfillRows({
  items,
  serverNow,
}: {
  items: readonly BackfillSummary[];
  serverNow: string;
}) {
  const t = useTranslations("backfills");
  return (
    <ul aria-label={t("title")}>
      {items.map((backfill) => (
        <BackfillRow key={backfill.id} backfill={backfill} serverNow={serverNow} />
      ))}
    </ul>
  );
}

function BackfillRow({ backfill, serverNow }: { backfill: BackfillSummary; serverNow: string }) {
  const t = useTranslations("backfills");
  const number = useNumberText();
  const duration = useDurationText();
  const { counts, range, perHour, eta } = backfill;
  const left = eta === null ? null : Math.max(0, Date.parse(eta) - Date.parse(serverNow));
  return (
    <li
      className={`relative grid gap-x-4 gap-y-1.5 border-t px-3 py-2.5 text-sm first:border-0 hover:bg-fill ${columns}`}
    >
      <span>
        <BackfillBadge state={backfill.state} />
      </span>
      <span className="min-w-0 truncate">
        <Link
          href={`/backfills/${backfill.id}`}
          {...{ [rowAttribute]: backfill.id }}
          className="font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:rounded-sm focus-visible:after:outline-2 focus-visible:after:outline-accent focus-visible:after:-outline-offset-2"
        >
          {backfill.flowName ?? backfill.flow}
        </Link>{" "}
        <span className="text-faint">#{backfill.id}</span>
      </span>
      <span className="min-w-0 truncate text-muted text-xs">
        {range === null ? (
          t("sets", { count: backfill.total })
        ) : (
          <Interval start={range.start} end={range.end} flowZone={backfill.timezone} />
        )}
      </span>
      <BackfillProgress counts={counts} total={backfill.total} />
      <span className="whitespace-nowrap text-muted text-xs md:text-right">
        {left === null
          ? perHour === null
            ? ""
            : t("perHour", { count: number(Math.round(perHour)) })
          : t("etaIn", { duration: duration(left) })}
      </span>
      <span className="whitespace-nowrap text-faint text-xs md:text-right">
        {backfill.createdBy} ·{" "}
        <Ago
          at={backfill.finishedAt ?? backfill.startedAt ?? backfill.createdAt}
          serverNow={serverNow}
          flowZone={backfill.timezone}
        />
      </span>
    </li>
  );
}

"use client";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { Panel } from "#components/ui/panel.tsx";
import type { NextTickView } from "#server/core/schedule/view.ts";
import { TickTime, UntilTick } from "./tick-time.tsx";

/** What fires next over all flows, soonest first. */
export function NextTicksPanel({
  ticks,
  serverNow,
}: {
  ticks: readonly NextTickView[];
  serverNow: string;
}) {
  const t = useTranslations("schedules");
  return (
    <Panel
      title={t("nextTicks")}
      aside={
        <Link href="/schedules" className="hover:text-text hover:underline">
          {t("all")}
        </Link>
      }
    >
      {ticks.length === 0 ? (
        <p className="px-3 py-6 text-center text-muted text-sm">{t("noNextTicks")}</p>
      ) : (
        <ul>
          {ticks.map(({ flow, flowName, key, tick, timezone }) => (
            <li key={`${flow}:${key}`} className="border-t first:border-0">
              <Link
                href={`/flows/${encodeURIComponent(flow)}`}
                className="flex h-10 items-center gap-2.5 px-3 -outline-offset-2 hover:bg-fill"
              >
                <span className="min-w-0 flex-1 truncate text-sm">{flowName ?? flow}</span>
                <TickTime
                  at={tick}
                  zone={timezone}
                  serverNow={serverNow}
                  className="text-muted text-xs"
                />
                <UntilTick
                  at={tick}
                  serverNow={serverNow}
                  className="w-20 text-right text-muted text-xs"
                />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

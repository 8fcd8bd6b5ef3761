"use client";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { NoRunner } from "#components/runner/no-runner.tsx";
import { RunnerState } from "#components/runner/runner-state.tsx";
import { SlotMeter } from "#components/runner/slot-meter.tsx";
import { Panel } from "#components/ui/panel.tsx";
import type { OverviewView } from "#server/core/overview.ts";

/** Runners and the queue in front of them. */
export function HealthPanel({ overview }: { overview: OverviewView }) {
  const t = useTranslations("home.health");
  const { runners, queue } = overview;
  const shown = runners.filter((runner) => runner.state !== "stopped");
  return (
    <Panel
      title={t("title")}
      aside={
        <Link href="/runners" className="hover:text-text hover:underline">
          {t("all")}
        </Link>
      }
    >
      {shown.some((runner) => runner.state === "active") ? null : (
        <NoRunner compact runners={shown} />
      )}
      <ul>
        {shown.map((runner) => (
          <li
            key={runner.id}
            className="flex h-10 items-center gap-3 border-t px-3 text-sm first:border-0"
          >
            <RunnerState state={runner.state} />
            <span className="min-w-0 flex-1 truncate" title={`${runner.host}:${runner.pid}`}>
              {runner.name}
            </span>
            <SlotMeter running={runner.running} slots={runner.slots} />
          </li>
        ))}
      </ul>
      <dl className="grid grid-cols-3 gap-px border-t bg-line text-center text-xs">
        {(
          [
            ["ready", queue.ready],
            ["running", queue.running],
            ["retryWait", queue.retryWait],
          ] as const
        ).map(([key, value]) => (
          <div key={key} className="bg-surface px-2 py-2 last:rounded-br-lg first:rounded-bl-lg">
            <dt className="text-faint">{t(key)}</dt>
            <dd className="font-medium text-sm">{value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

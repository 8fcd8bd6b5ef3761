"use client";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPC } from "#components/shell/api.tsx";
import { Page, PageHeader } from "#components/shell/page.tsx";
import { StaleNotice } from "#components/shell/stale-notice.tsx";
import { Duration, Time, useNumberText } from "#components/time/time.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { cn } from "#components/ui/cn.ts";
import { Panel } from "#components/ui/panel.tsx";
import { Table, Td, Th, Tr } from "#components/ui/table.tsx";
import type { RunnerView } from "#server/core/queue/runner-view.ts";
import { NoRunner } from "./no-runner.tsx";
import { RunnerActions } from "./runner-actions.tsx";
import { RunnerState } from "./runner-state.tsx";
import { SlotMeter } from "./slot-meter.tsx";

const MEBIBYTE = 1_048_576;

function RunnerRow({ runner }: { runner: RunnerView }) {
  const t = useTranslations("runners");
  const number = useNumberText();
  const gone = runner.state === "stopped" || runner.state === "lost";
  return (
    <Tr className={cn(gone && "text-faint")}>
      <Td>
        <RunnerState state={runner.state} />
        {runner.drainedBy === null ? null : (
          <span className="block sm:whitespace-nowrap text-faint text-xs">
            {t("drainedBy", { name: runner.drainedBy })}
          </span>
        )}
      </Td>
      <Td>
        <span className="whitespace-nowrap font-medium">{runner.name}</span>
        <span className="flex flex-wrap items-center gap-1 whitespace-nowrap text-faint text-xs">
          {t("place", { host: runner.host, pid: String(runner.pid) })}
          {runner.labels.map((label) => (
            <Badge key={label} outline>
              <span className="sr-only">{t("label")}</span>
              {label}
            </Badge>
          ))}
        </span>
      </Td>
      <Td className="max-sm:pr-1">
        <SlotMeter running={runner.running} slots={runner.slots} />
        <div className="mt-1 sm:hidden">
          <RunnerActions runner={runner} compact />
        </div>
      </Td>
      <Td className="hidden whitespace-nowrap md:table-cell">
        {t("mebibytes", { value: String(Math.round(runner.memoryBytes / MEBIBYTE)) })}
      </Td>
      <Td className="hidden whitespace-nowrap sm:table-cell">
        {t.rich("heartbeatAgo", { age: () => <Duration ms={runner.heartbeatAgeMs} /> })}
      </Td>
      <Td className="hidden lg:table-cell">
        <Time at={runner.startedAt} />
      </Td>
      <Td className="hidden text-right tabular-nums lg:table-cell">{number(runner.ended)}</Td>
      <Td className="hidden text-muted xl:table-cell">{runner.version}</Td>
      <Td className="hidden text-right sm:table-cell">
        <RunnerActions runner={runner} />
      </Td>
    </Tr>
  );
}

/** Who executes tasks: state, load and last sign of life of each runner. */
export function RunnersPage({ initial }: { initial: RunnerView[] }) {
  const t = useTranslations("runners");
  const trpc = useTRPC();
  const query = useQuery(
    trpc.runners.list.queryOptions(undefined, { initialData: initial, refetchInterval: 2_000 }),
  );
  const runners = query.data;
  const someActive = runners.some((runner) => runner.state === "active");
  return (
    <Page>
      <PageHeader title={t("title")} description={t("description")} />
      <StaleNotice query={query} />
      <Panel>
        {someActive ? null : <NoRunner compact={runners.length > 0} runners={runners} />}
        {runners.length === 0 ? null : (
          <Table aria-label={t("title")}>
            <thead>
              <tr>
                <Th>{t("state")}</Th>
                <Th>{t("name")}</Th>
                <Th>{t("slots")}</Th>
                <Th className="hidden md:table-cell">{t("memory")}</Th>
                <Th className="hidden sm:table-cell">{t("heartbeat")}</Th>
                <Th className="hidden lg:table-cell">{t("started")}</Th>
                <Th className="hidden text-right lg:table-cell">{t("ended")}</Th>
                <Th className="hidden xl:table-cell">{t("version")}</Th>
                <Th className="hidden sm:table-cell">
                  <span className="sr-only">{t("actions")}</span>
                </Th>
              </tr>
            </thead>
            <tbody>
              {runners.map((runner) => (
                <RunnerRow key={runner.id} runner={runner} />
              ))}
            </tbody>
          </Table>
        )}
      </Panel>
    </Page>
  );
}

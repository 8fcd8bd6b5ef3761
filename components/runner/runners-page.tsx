"use client";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPC } from "#components/shell/api.tsx";
import { Page, PageHeader } from "#components/shell/page.tsx";
import { StaleNotice } from "#components/shell/stale-notice.tsx";
import { Duration, Time } from "#components/time/time.tsx";
import { Panel } from "#components/ui/panel.tsx";
import { Table, Td, Th, Tr } from "#components/ui/table.tsx";
import type { RunnerView } from "#server/core/run/view.ts";
import { NoRunner } from "./no-runner.tsx";
import { RunnerState } from "./runner-state.tsx";
import { SlotMeter } from "./slot-meter.tsx";

const MEBIBYTE = 1_048_576;

function RunnerRow({ runner }: { runner: RunnerView }) {
  const t = useTranslations("runners");
  return (
    <Tr>
      <Td>
        <RunnerState state={runner.state} />
      </Td>
      <Td>
        <span className="whitespace-nowrap font-medium">{runner.name}</span>
        <span className="block whitespace-nowrap text-faint text-xs">
          {t("place", { host: runner.host, pid: String(runner.pid) })}
        </span>
      </Td>
      <Td>
        <SlotMeter running={runner.running} slots={runner.slots} />
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
      <Td className="hidden text-muted lg:table-cell">{runner.version}</Td>
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
        {someActive ? null : <NoRunner compact={runners.length > 0} />}
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
                <Th className="hidden lg:table-cell">{t("version")}</Th>
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

"use client";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPC } from "#components/shell/api.tsx";
import { StaleNotice } from "#components/shell/stale-notice.tsx";
import { Panel } from "#components/ui/panel.tsx";
import type { ScheduleList } from "#server/core/schedule/view.ts";
import { ScheduleItem } from "./schedule-item.tsx";

/** The schedules of one flow; nothing for a flow without any. */
export function SchedulePanel({ flow, initial }: { flow: string; initial: ScheduleList }) {
  const t = useTranslations("schedules");
  const trpc = useTRPC();
  const query = useQuery(
    trpc.schedules.list.queryOptions({ flow }, { initialData: initial, refetchInterval: 10_000 }),
  );
  const { items, now } = query.data;
  if (items.length === 0) return null;
  return (
    <Panel title={t("ofFlow")} count={items.length === 1 ? undefined : items.length}>
      <StaleNotice query={query} />
      <ul aria-label={t("ofFlow")}>
        {items.map((schedule) => (
          <ScheduleItem key={schedule.key} schedule={schedule} serverNow={now} showFlow={false} />
        ))}
      </ul>
    </Panel>
  );
}

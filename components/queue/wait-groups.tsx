"use client";
import { CircleCheck, Clock } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { Ago, useNumberText } from "#components/time/time.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Panel } from "#components/ui/panel.tsx";
import type { HeldFlow, QueueView, WaitGroup, WaitingBackfill } from "#server/core/queue/view.ts";
import { BackfillWaitText } from "./backfill-wait.tsx";
import { WaitReasonText } from "./wait-reason.tsx";

/** What waits and why: ready tasks by pool and label, runs that are held, and rows of backfills. */
export function WaitGroups({ queue }: { queue: QueueView }) {
  const t = useTranslations("queue");
  const { groups, heldFlows, backfills, now } = queue;
  return (
    <Panel title={t("waiting.title")}>
      {groups.length + heldFlows.length + backfills.length === 0 ? (
        <EmptyState icon={<CircleCheck />} title={t("waiting.none")} className="py-8">
          {t("waiting.noneHint")}
        </EmptyState>
      ) : (
        <ul aria-label={t("waiting.title")}>
          {groups.map((group) => (
            <ReadyGroup key={`${group.pool} ${group.label ?? ""}`} group={group} now={now} />
          ))}
          {heldFlows.map((flow) => (
            <HeldGroup key={flow.flow} flow={flow} now={now} />
          ))}
          {backfills.map((backfill) => (
            <BackfillGroup key={backfill.id} backfill={backfill} now={now} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function ReadyGroup({ group, now }: { group: WaitGroup; now: string }) {
  const t = useTranslations("queue.waiting");
  const number = useNumberText();
  const more = group.ready - group.next.length;
  return (
    <li className="grid gap-1.5 border-t px-3 py-2.5 first:border-0">
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm">
        <span className="font-medium">{t("tasks", { count: group.ready })}</span>
        <Badge>{t("pool", { pool: group.pool })}</Badge>
        {group.label === null ? null : <Badge outline>{t("label", { label: group.label })}</Badge>}
        {group.oldestReadyAt === null ? null : (
          <span className="ml-auto text-faint text-xs">
            {t("oldest")} <Ago at={group.oldestReadyAt} serverNow={now} />
          </span>
        )}
      </p>
      {group.waits.map((reason) => (
        <Because key={reason.kind}>
          <WaitReasonText reason={reason} onQueue />
        </Because>
      ))}
      <p className="flex flex-wrap gap-x-3 gap-y-1 pl-6 text-muted text-xs">
        <span className="text-faint">{t("next")}</span>
        {group.next.map((task) => (
          <Link
            key={`${task.run} ${task.task}`}
            href={`/runs/${task.run}?task=${encodeURIComponent(task.task)}`}
            className="min-w-0 max-w-full truncate hover:text-text hover:underline"
          >
            {task.flowName ?? task.flow} <span className="font-mono">#{task.run}</span>{" "}
            <span className="text-text">{task.taskName ?? task.task}</span>
            {task.priority === 0 ? "" : ` (${t("priority", { priority: task.priority })})`}
          </Link>
        ))}
        {more > 0 ? <span className="text-faint">{t("more", { count: number(more) })}</span> : null}
      </p>
    </li>
  );
}

function HeldGroup({ flow, now }: { flow: HeldFlow; now: string }) {
  const t = useTranslations("queue.waiting");
  return (
    <li className="grid gap-1.5 border-t px-3 py-2.5 first:border-0">
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm">
        <Link href={`/runs?flow=${flow.flow}&state=queued`} className="font-medium hover:underline">
          {t("runs", { count: flow.held })}
        </Link>
        <Badge>{flow.flowName ?? flow.flow}</Badge>
        <span className="ml-auto text-faint text-xs">
          {t("oldest")} <Ago at={flow.oldestAt} serverNow={now} />
        </span>
      </p>
      <Because>
        {flow.limit === null ? t("turn") : t("limit", { active: flow.active, limit: flow.limit })}
      </Because>
    </li>
  );
}

function BackfillGroup({ backfill, now }: { backfill: WaitingBackfill; now: string }) {
  const t = useTranslations("queue.waiting");
  return (
    <li className="grid gap-1.5 border-t px-3 py-2.5 first:border-0">
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm">
        <Link
          href={`/backfills/${backfill.id}?state=waiting`}
          className="font-medium hover:underline"
        >
          {t(backfill.overSets ? "backfillSets" : "backfill", {
            count: backfill.waiting,
            id: backfill.id,
          })}
        </Link>
        <Badge className="min-w-0">
          <span className="truncate">{backfill.flowName ?? backfill.flow}</span>
        </Badge>
        <span className="ml-auto text-faint text-xs">
          {t("started")} <Ago at={backfill.startedAt} serverNow={now} />
        </span>
      </p>
      <Because>
        <BackfillWaitText reason={backfill.waits} />
      </Because>
    </li>
  );
}

function Because({ children }: { children: React.ReactNode }) {
  return (
    <p className="flex items-start gap-2 text-muted text-sm">
      <Clock aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span className="min-w-0">{children}</span>
    </p>
  );
}

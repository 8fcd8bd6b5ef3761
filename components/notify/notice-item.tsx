"use client";
import { CheckCheck, RotateCcw } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { FirstErrorLine } from "#components/run/first-error-line.tsx";
import { rowAttribute } from "#components/shell/row-keys.ts";
import { toneClass } from "#components/status/status-look.ts";
import { Interval, Time } from "#components/time/time.tsx";
import { Button, ButtonLink } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { placeOf } from "#server/core/notify/message.ts";
import type { NoticeView } from "#server/core/notify/view.ts";
import { isRunEnded } from "#server/core/run/states.ts";
import { backfillEnd, lookOf } from "./notice-look.ts";

/** One notice: what happened, to which run, and what can be done about it. */
export function NoticeItem({
  notice,
  onRead,
  onRerun,
}: {
  notice: NoticeView;
  onRead: () => void;
  onRerun: (run: { id: string; flow: string }) => void;
}) {
  const t = useTranslations("inbox");
  const { icon: Icon, tone } = lookOf(notice);
  const { run, detail } = notice;
  const name = notice.flowName ?? notice.flow ?? detail.runner ?? "";
  const number = run?.id ?? notice.backfill;
  const end = backfillEnd(notice);
  const label = end === null ? t(`events.${notice.event}`) : t(`backfill.${end}`);
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 border-t px-3 py-2.5 text-sm first:border-t-0 hover:bg-fill">
      <div className="grid min-w-0 gap-0.5">
        <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1 md:flex-nowrap">
          <span
            className={cn(
              "size-2 shrink-0 rounded-full",
              notice.read ? "hidden md:block" : "bg-accent",
            )}
          >
            {notice.read ? null : <span className="sr-only">{t("isUnread")}</span>}
          </span>
          <span
            className={cn(
              "inline-flex shrink-0 items-center gap-1.5 md:w-40",
              toneClass[tone].text,
            )}
          >
            <Icon aria-hidden className="size-4 shrink-0" />
            {label}
          </span>
          <Link
            href={placeOf(notice)}
            {...{ [rowAttribute]: notice.id }}
            onClick={() => {
              if (!notice.read) onRead();
            }}
            className={cn(
              "min-w-0 break-words hover:underline md:truncate",
              notice.read ? "text-muted" : "font-medium",
            )}
          >
            {name}
            {number === null ? null : <span className="text-faint"> #{number}</span>}
          </Link>
          <Time
            at={notice.at}
            flowZone={run?.timezone}
            precision="minute"
            className="text-faint text-xs md:ml-auto"
          />
        </div>
        <Facts notice={notice} />
        {run?.firstError == null || notice.event === "recovered" ? null : (
          <FirstErrorLine
            error={run.firstError}
            className="md:pl-48"
            messageClass="line-clamp-3 break-words md:line-clamp-1 md:break-all"
          />
        )}
      </div>
      <div className="flex items-center gap-2 md:w-40 md:justify-between">
        {notice.read ? null : (
          <Button
            variant="ghost"
            size="icon-sm"
            aria-label={t("markReadOf", { notice: `${label}, ${name}` })}
            title={t("markRead")}
            onClick={onRead}
          >
            <CheckCheck aria-hidden />
          </Button>
        )}
        <span className="ml-auto">
          <Remedy notice={notice} onRerun={onRerun} />
        </span>
      </div>
    </li>
  );
}

/** What there is to know besides its name, on one line. */
function Facts({ notice }: { notice: NoticeView }) {
  const t = useTranslations("inbox");
  const { run, incident, detail, event, unknownChannels } = notice;
  return (
    <div className="flex min-w-0 flex-wrap gap-x-3 text-muted text-xs empty:hidden md:pl-48">
      {run?.interval == null ? null : <Interval {...run.interval} flowZone={run.timezone} />}
      {incident === null ? null : <span>{t("failures", { count: incident.failures })}</span>}
      {incident === null || incident.open || event === "recovered" ? null : (
        <span className="text-success">{t("solved")}</span>
      )}
      {detail.succeeded === undefined ? null : (
        <span>{t("counts", { succeeded: detail.succeeded, failed: detail.failed ?? 0 })}</span>
      )}
      {detail.count === undefined ? null : (
        <span>{t("ticks", { count: detail.count, started: detail.started ?? 0 })}</span>
      )}
      {detail.first === undefined || detail.last === undefined ? null : (
        <span className="inline-flex flex-wrap gap-x-1">
          <Time at={detail.first} precision="minute" />
          {detail.first === detail.last ? null : (
            <>
              <span aria-hidden>–</span>
              <Time at={detail.last} precision="minute" />
            </>
          )}
        </span>
      )}
      {event === "runner_lost" ? <span>{t("runnerHint")}</span> : null}
      {unknownChannels.length === 0 ? null : (
        <Link href="/settings/notifications" className="text-orange hover:underline">
          {t("unknown", { names: unknownChannels.join(", ") })}
        </Link>
      )}
    </div>
  );
}

/** The one thing that most likely is to be done now, if there is any. */
function Remedy({
  notice,
  onRerun,
}: {
  notice: NoticeView;
  onRerun: (run: { id: string; flow: string }) => void;
}) {
  const t = useTranslations("inbox");
  const words = useTranslations("rerun");
  const { run, flow, backfill, detail, incident, event } = notice;
  if (event === "runner_lost") {
    return (
      <ButtonLink size="sm" href="/runners">
        {t("toRunners")}
      </ButtonLink>
    );
  }
  if (backfill !== null && (detail.failed ?? 0) > 0) {
    return (
      <ButtonLink size="sm" href={`/backfills/${backfill}?state=failed`}>
        {t("toFailures")}
      </ButtonLink>
    );
  }
  if (event === "schedule_missed" && flow !== null && (detail.started ?? 0) < (detail.count ?? 0)) {
    return (
      <ButtonLink size="sm" href={`/flows/${encodeURIComponent(flow)}/backfill`}>
        {t("toBackfill")}
      </ButtonLink>
    );
  }
  if (run === null || flow === null || event === "recovered") return null;
  if (incident?.open !== true || !isRunEnded(run.state)) return null;
  return (
    <Button
      size="sm"
      aria-label={t("rerunOf", { id: run.id })}
      onClick={() => onRerun({ id: run.id, flow })}
    >
      <RotateCcw aria-hidden />
      <span className="hidden sm:inline">{words("rerun")}</span>
    </Button>
  );
}

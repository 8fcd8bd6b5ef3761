"use client";
import { CheckCheck, RotateCcw } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { rowAttribute } from "#components/shell/row-keys.ts";
import { toneClass } from "#components/status/status-look.ts";
import { Interval, Time } from "#components/time/time.tsx";
import { Button } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { placeOf } from "#server/core/notify/message.ts";
import type { NoticeView } from "#server/core/notify/view.ts";
import { isRunEnded } from "#server/core/run/states.ts";
import { noticeLook } from "./notice-look.ts";

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
  const words = useTranslations("rerun");
  const { icon: Icon, tone } = noticeLook[notice.event];
  const { run, flow, detail, incident } = notice;
  const name = notice.flowName ?? flow ?? detail.runner ?? "";
  const mayRerun =
    run !== null && flow !== null && incident?.open === true && isRunEnded(run.state);
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 border-t px-3 py-2.5 text-sm first:border-t-0 hover:bg-fill">
      <div className="grid min-w-0 gap-0.5">
        <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
          {notice.read ? null : (
            <span className="size-2 rounded-full bg-accent">
              <span className="sr-only">{t("isUnread")}</span>
            </span>
          )}
          <span className={cn("inline-flex items-center gap-1.5", toneClass[tone].text)}>
            <Icon aria-hidden className="size-4 shrink-0" />
            {t(`events.${notice.event}`)}
          </span>
          <Link
            href={placeOf(notice)}
            {...{ [rowAttribute]: notice.id }}
            onClick={() => {
              if (!notice.read) onRead();
            }}
            className={cn("truncate hover:underline", notice.read ? "text-muted" : "font-medium")}
          >
            {name}
            {run === null ? null : <span className="text-faint"> #{run.id}</span>}
          </Link>
          <Time
            at={notice.at}
            flowZone={run?.timezone}
            precision="minute"
            className="text-faint text-xs"
          />
        </div>
        <div className="flex min-w-0 flex-wrap gap-x-3 text-muted text-xs">
          {run?.interval == null ? null : <Interval {...run.interval} flowZone={run.timezone} />}
          {incident === null ? null : <span>{t("failures", { count: incident.failures })}</span>}
          {incident === null || incident.open || notice.event === "recovered" ? null : (
            <span className="text-success">{t("solved")}</span>
          )}
          {detail.succeeded === undefined ? null : (
            <span>
              {t("counts", {
                succeeded: String(detail.succeeded),
                failed: String(detail.failed ?? 0),
              })}
            </span>
          )}
          {detail.count === undefined ? null : (
            <span>{t("ticks", { count: detail.count, started: String(detail.started ?? 0) })}</span>
          )}
          {notice.unknownChannels.length === 0 ? null : (
            <span className="text-orange">
              {t("unknown", { names: notice.unknownChannels.join(", ") })}
            </span>
          )}
        </div>
        {run?.firstError == null || notice.event === "recovered" ? null : (
          <p className="flex min-w-0 gap-2 font-mono text-muted text-xs">
            <span className="shrink-0 text-text">{run.firstError.task}</span>
            <span className="truncate">{run.firstError.message}</span>
          </p>
        )}
      </div>
      <div className="flex items-center gap-2">
        {notice.read ? null : (
          <Button
            variant="ghost"
            size="icon-sm"
            aria-label={t("markReadOf", { notice: `${t(`events.${notice.event}`)}, ${name}` })}
            title={t("markRead")}
            onClick={onRead}
          >
            <CheckCheck aria-hidden />
          </Button>
        )}
        {mayRerun ? (
          <Button
            size="sm"
            aria-label={t("rerunOf", { id: run.id })}
            onClick={() => onRerun({ id: run.id, flow })}
          >
            <RotateCcw aria-hidden />
            <span className="hidden sm:inline">{words("rerun")}</span>
          </Button>
        ) : null}
      </div>
    </li>
  );
}

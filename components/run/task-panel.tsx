"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useEffect } from "react";
import { LogView } from "#components/log/log-view.tsx";
import { useTRPC } from "#components/shell/api.tsx";
import { StatusBadge, StatusIcon } from "#components/status/status.tsx";
import { Duration, LiveDuration } from "#components/time/time.tsx";
import { cn } from "#components/ui/cn.ts";
import { Select } from "#components/ui/select.tsx";
import type { AttemptView } from "#server/core/run/attempt-view.ts";
import { isTaskEnded } from "#server/core/run/states.ts";
import type { RunDetail, TaskRunView } from "#server/core/run/view.ts";
import { AttemptErrorText } from "./attempt-error.tsx";
import { CalledRuns } from "./called-runs.tsx";
import { CancelTask } from "./cancel-task.tsx";
import { ItemList } from "./item-list.tsx";
import { TaskIo } from "./task-io.tsx";
import { taskName } from "./task-name.ts";
import { WaitNotice } from "./wait-notice.tsx";
import { causesUpstream } from "./why-not-run.ts";

/** One task of a run: its state, why it waits or failed, and its log or its inputs and output. */
export function TaskPanel({
  run,
  task,
  attempt,
  onAttempt,
  item,
  onItem,
  onTask,
  show,
  className,
}: {
  run: RunDetail;
  task: TaskRunView;
  /** The chosen attempt; null is the latest. */
  attempt: number | null;
  onAttempt: (attempt: number | null) => void;
  /** The chosen task run of a list; null is the first that failed, or the first. */
  item: number | null;
  onItem: (item: number) => void;
  onTask: (task: string) => void;
  show: "log" | "io";
  className?: string;
}) {
  const t = useTranslations("run");
  const { items } = task;
  const part = items === null ? undefined : chosenItem(run, task.id, item, items.total);
  const attempts = useAttempts(run.id, task, part);
  const isOwn = task.reusedFrom === null && part === undefined;
  const latest = isOwn ? task.attempt : (attempts.at(-1)?.attempt ?? 0);
  const chosen = attempt !== null && attempt >= 1 && attempt <= latest ? attempt : latest;
  const view = attempts.find((one) => one.attempt === chosen);
  const running = isOwn ? task.state === "running" : attempts.at(-1)?.state === "running";
  const live = running && chosen === latest;
  // The run's own failure has its line at the top of the page already.
  const told = run.firstError?.task === task.id && run.firstError.message === view?.error?.message;
  const name = taskName(run.graph, task.id);
  const called = run.calls.filter((call) => call.task === task.id);
  return (
    <section
      aria-label={t("taskPanel", { task: name })}
      className={cn("flex min-h-0 min-w-0 flex-col bg-surface", className)}
    >
      <header className="flex min-h-10 flex-wrap items-center gap-x-2.5 gap-y-1 border-b px-3 py-1.5">
        <h2 className="min-w-0 truncate font-semibold text-sm" title={task.id}>
          {name}
        </h2>
        <StatusBadge state={task.state} />
        <Length task={task} now={run.now} />
        <span className="ml-auto font-mono text-faint text-xs">{task.type}</span>
        <CancelTask run={run} task={task} />
      </header>
      <Explanation run={run} task={task} onTask={onTask} />
      {items === null || items.total === 0 ? null : (
        <ItemList
          run={run.id}
          task={{ ...task, items }}
          selected={part ?? 0}
          onSelect={(number) => onItem(number)}
        />
      )}
      {called.length === 0 ? null : (
        <div className="border-b px-3 py-2">
          <CalledRuns title={t("taskCalls")} calls={called} />
        </div>
      )}
      {view?.error ? (
        <div className="grid gap-0.5 border-b bg-failed-soft px-3 py-2 text-sm">
          <p className="text-failed">
            <AttemptErrorText error={view.error} />
          </p>
          {told ? null : (
            <p className="break-words font-mono text-text text-xs leading-5">
              {view.error.message}
            </p>
          )}
        </div>
      ) : null}
      {show === "io" ? (
        <TaskIo run={run} task={task} item={part} />
      ) : latest === 0 ? (
        <p className="px-4 py-8 text-center text-muted text-sm">{t("noAttempt")}</p>
      ) : (
        <LogView
          key={`${run.id} ${task.id} ${part} ${chosen}`}
          run={run.id}
          task={task.id}
          item={part}
          attempt={chosen}
          live={live}
          className="flex-1"
          picker={
            <AttemptPicker
              attempts={attempts}
              latest={latest}
              live={running}
              chosen={chosen}
              onAttempt={(number) => onAttempt(number === latest ? null : number)}
            />
          }
        />
      )}
    </section>
  );
}

const noAttempts: readonly AttemptView[] = [];

/** The task run that is shown: the one asked for, else the one that the run failed at, else the first. */
function chosenItem(run: RunDetail, task: string, item: number | null, total: number): number {
  if (item !== null && item >= 0 && item < total) return item;
  const { firstError } = run;
  return firstError?.task === task ? (firstError.item ?? 0) : 0;
}

/** The attempts of a task, or of one task run of its list, read anew whenever the task run changes. */
function useAttempts(
  run: string,
  task: TaskRunView,
  item: number | undefined,
): readonly AttemptView[] {
  const trpc = useTRPC();
  const query = useQuery(
    trpc.runs.attempts.queryOptions(
      { id: run, task: task.id, ...(item === undefined ? {} : { item }) },
      { enabled: task.attempt > 0 || task.reusedFrom !== null || item !== undefined },
    ),
  );
  const { refetch } = query;
  const counts = JSON.stringify(task.items?.counts);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another state means another attempt
  useEffect(() => {
    if (task.attempt > 0 || item !== undefined) void refetch();
  }, [task.state, task.attempt, counts, item, refetch]);
  return query.data ?? noAttempts;
}

function Length({ task, now }: { task: TaskRunView; now: string }) {
  if (task.startedAt === null || task.state === "reused") return null;
  if (task.state === "running") {
    return (
      <LiveDuration
        from={task.startedAt}
        to={null}
        serverNow={now}
        className="text-muted text-xs"
      />
    );
  }
  if (!isTaskEnded(task.state) || task.finishedAt === null) return null;
  const ms = Date.parse(task.finishedAt) - Date.parse(task.startedAt);
  return <Duration ms={ms} className="text-muted text-xs" />;
}

/** Why the task did not run, waits, or did not need to run. */
function Explanation({
  run,
  task,
  onTask,
}: {
  run: RunDetail;
  task: TaskRunView;
  onTask: (task: string) => void;
}) {
  const t = useTranslations("run");
  const line = "border-b px-3 py-2 text-muted text-sm";
  switch (task.state) {
    case "waiting":
    case "ready":
    case "retry_wait":
      return (
        <div className="border-b">
          <WaitNotice run={run} task={task} />
        </div>
      );
    case "reused":
      return task.reusedFrom === null ? null : (
        <p className={line}>
          {t("reusedFrom")}{" "}
          <Link
            href={`/runs/${task.reusedFrom}?task=${encodeURIComponent(task.id)}`}
            className="text-accent hover:underline"
          >
            #{task.reusedFrom}
          </Link>
        </p>
      );
    case "skipped":
      return <p className={line}>{t("wasSkipped")}</p>;
    case "upstream_failed": {
      const causes = causesUpstream(run.graph, run.tasks, task.id);
      return (
        <p className={line}>
          {t("upstream")}{" "}
          {causes.slice(0, 5).map((cause) => (
            <button
              key={cause.id}
              type="button"
              onClick={() => onTask(cause.id)}
              title={cause.id}
              className="mr-2 inline-flex items-center gap-1 align-bottom text-text leading-5 hover:underline"
            >
              <StatusIcon state={cause.state} className="size-3.5" />
              {taskName(run.graph, cause.id)}
            </button>
          ))}
        </p>
      );
    }
    default:
      return null;
  }
}

/** Chooses among several attempts; nothing to choose among one. */
function AttemptPicker({
  attempts,
  latest,
  live,
  chosen,
  onAttempt,
}: {
  attempts: readonly AttemptView[];
  latest: number;
  live: boolean;
  chosen: number;
  onAttempt: (attempt: number) => void;
}) {
  const t = useTranslations();
  if (latest < 2) return null;
  const options = Array.from({ length: latest }, (_, i) => {
    const number = latest - i;
    const state =
      attempts.find(({ attempt }) => attempt === number)?.state ??
      (live && number === latest ? "running" : null);
    return {
      value: String(number),
      label: (
        <span className="inline-flex items-center gap-1.5 text-xs">
          {state === null ? null : (
            <StatusIcon
              state={state}
              label={t(`common.state.${state}`)}
              className="size-3.5! text-current"
            />
          )}
          {t("run.attempt", { number })}
        </span>
      ),
    };
  });
  return (
    <Select
      label={t("common.term.attempt")}
      size="sm"
      value={String(chosen)}
      onChange={(value) => onAttempt(Number(value))}
      options={options}
    />
  );
}

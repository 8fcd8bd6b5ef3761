"use client";
import { useQuery } from "@tanstack/react-query";
import { Check, CircleHelp, RotateCw, TrendingDown, TrendingUp } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { taskName } from "#components/run/task-name.ts";
import { useTRPC } from "#components/shell/api.tsx";
import { StaleNotice } from "#components/shell/stale-notice.tsx";
import { Duration, Time, useNumberText } from "#components/time/time.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { cn } from "#components/ui/cn.ts";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Panel } from "#components/ui/panel.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { Table, Td, Th, Tr } from "#components/ui/table.tsx";
import type { FlowDetail } from "#server/core/flow/view.ts";
import type {
  AttemptChance,
  ErrorGroup,
  RetryAdvice,
  TaskRetryAdvice,
} from "#server/core/run/advice-view.ts";
import { SizeAdviceList } from "./size-advice.tsx";

const looks = {
  too_many: { icon: TrendingDown, className: "bg-orange-soft text-orange" },
  too_few: { icon: TrendingUp, className: "bg-yellow-soft text-yellow" },
  fine: { icon: Check, className: "bg-success-soft text-success" },
  silent: { icon: CircleHelp, className: "bg-fill-strong text-muted" },
} as const;

/** What the history says about the sizes of tasks and their retries, and all that it rests on. */
export function AdviceView({ flow }: { flow: FlowDetail }) {
  const t = useTranslations("advice");
  const trpc = useTRPC();
  const query = useQuery(
    trpc.flows.retryAdvice.queryOptions({ id: flow.id }, { staleTime: 60_000 }),
  );
  const sizes = useQuery(
    trpc.flows.sizeAdvice.queryOptions({ id: flow.id }, { staleTime: 60_000 }),
  );
  if (query.data === undefined) {
    return (
      <div className="grid gap-3">
        <StaleNotice query={query} />
        {query.isError ? null : (
          <Panel className="grid gap-2 p-3">
            <Skeleton className="w-64" />
            <Skeleton className="w-full" />
            <Skeleton className="w-full" />
          </Panel>
        )}
      </div>
    );
  }
  return (
    <div className="grid gap-4">
      <StaleNotice query={query.isError ? query : sizes} />
      <SizeAdviceList items={sizes.data?.items ?? []} />
      <Basis advice={query.data} />
      {query.data.tasks.length === 0 ? (
        <Panel>
          <EmptyState icon={<RotateCw />} title={t("noFailures")}>
            {t("noFailuresHint", { min: query.data.minFailures })}
          </EmptyState>
        </Panel>
      ) : (
        query.data.tasks.map((task) => (
          <TaskAdvice
            key={task.task}
            advice={task}
            name={taskName(flow.graph, task.task)}
            min={query.data.minFailures}
          />
        ))
      )}
    </div>
  );
}

function Basis({ advice }: { advice: RetryAdvice }) {
  const t = useTranslations("advice");
  return (
    <p className="text-muted text-sm">
      {advice.since === null
        ? t("noRuns")
        : t.rich("basis", {
            runs: advice.runs,
            since: () => <Time at={advice.since ?? ""} precision="minute" />,
          })}
      {advice.tasks.length > 0 && advice.quiet > 0 ? ` ${t("quiet", { count: advice.quiet })}` : ""}
    </p>
  );
}

function TaskAdvice({
  advice,
  name,
  min,
}: {
  advice: TaskRetryAdvice;
  /** What people call the task. */
  name: string;
  min: number;
}) {
  const t = useTranslations("advice");
  const look = looks[advice.verdict ?? "silent"];
  const Icon = look.icon;
  return (
    <Panel
      title={
        <span className="flex flex-wrap items-baseline gap-x-2">
          {name}
          {name === advice.task ? null : (
            <code className="font-normal text-2xs text-faint">{advice.task}</code>
          )}
        </span>
      }
      aside={<span>{t("allowed", { attempts: advice.attempts })}</span>}
    >
      <div className="grid gap-1.5 px-3 py-2.5">
        <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1 text-sm">
          <span
            data-verdict={advice.verdict ?? "none"}
            className={cn(
              "inline-flex h-5.5 items-center gap-1 rounded-md px-1.5 font-medium text-xs",
              look.className,
            )}
          >
            <Icon aria-hidden className="size-3.5" />
            {advice.verdict === null ? t("silent") : t(`verdict.${advice.verdict}`)}
          </span>
          <Sentence advice={advice} min={min} />
        </p>
        {advice.verdict === null || advice.hopeless.retries === 0 ? null : (
          <p className="text-muted text-sm">
            {t.rich("hopeless", {
              retries: advice.hopeless.retries,
              time: () => <Duration ms={advice.hopeless.ms} className="font-medium text-text" />,
            })}
          </p>
        )}
        {advice.verdict === null || advice.reruns.tries === 0 ? null : (
          <p className="text-muted text-sm">{t("reruns", advice.reruns)}</p>
        )}
      </div>
      {advice.chances.length === 0 ? null : (
        <div className="grid border-t xl:grid-cols-[minmax(20rem,2fr)_3fr]">
          <Chances task={advice.task} chances={advice.chances} allowed={advice.attempts} />
          <Errors task={advice.task} groups={advice.errors} />
        </div>
      )}
    </Panel>
  );
}

function Sentence({ advice, min }: { advice: TaskRetryAdvice; min: number }) {
  const t = useTranslations("advice");
  const { verdict, silence, proposed, failures } = advice;
  if (silence === "few_failures") return <span>{t("few", { failures, min })}</span>;
  if (silence === "never_retried") return <span>{t("never", { failures })}</span>;
  if (verdict === null) return null;
  const tried = advice.chances.slice(proposed ?? 1);
  const sum = (of: (chance: AttemptChance) => number) => tried.reduce((n, c) => n + of(c), 0);
  const values = { tries: sum((c) => c.tries), successes: sum((c) => c.successes) };
  switch (verdict) {
    case "too_many":
      return <span>{t("tooMany", { ...values, attempts: proposed ?? 1, failures })}</span>;
    case "too_few":
      return <span>{t("tooFew", { attempts: proposed ?? 1, failures })}</span>;
    case "fine":
      return <span>{t("fine", { failures })}</span>;
  }
}

function Chances({
  task,
  chances,
  allowed,
}: {
  task: string;
  chances: readonly AttemptChance[];
  allowed: number;
}) {
  const t = useTranslations("advice");
  const number = useNumberText();
  return (
    <div className="px-3 py-2.5 max-xl:border-b">
      <h3 className="pb-1.5 text-faint text-xs">{t("chances")}</h3>
      <ol aria-label={t("chancesOf", { task })} className="grid gap-1.5 text-sm">
        {chances.map(({ attempt, tries, successes }) => {
          const share = tries === 0 ? 0 : successes / tries;
          return (
            <li
              key={attempt}
              className={cn(
                "grid grid-cols-[5rem_minmax(3rem,1fr)_3rem_7rem] items-center gap-2",
                attempt > allowed && "opacity-60",
              )}
            >
              <span>{t("attempt", { attempt })}</span>
              <span aria-hidden className="h-2 overflow-hidden rounded-full bg-fill-strong">
                <span
                  className="block h-full rounded-full bg-success-solid"
                  style={{ width: `${share * 100}%` }}
                />
              </span>
              <span className="text-right font-medium tabular-nums">
                {new Intl.NumberFormat("en", { style: "percent" }).format(share)}
              </span>
              <span className="text-right text-muted text-xs tabular-nums">
                {t("of", { successes: number(successes), tries: number(tries) })}
              </span>
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function Errors({ task, groups }: { task: string; groups: readonly ErrorGroup[] }) {
  const t = useTranslations("advice");
  return (
    <div className="min-w-0 xl:border-l">
      <Table aria-label={t("errorsOf", { task })}>
        <thead>
          <tr>
            <Th>{t("error")}</Th>
            <Th className="text-right">{t("failures")}</Th>
            <Th className="text-right">{t("recovered")}</Th>
            <Th>{t("newest")}</Th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <Tr key={`${group.kind}:${group.exitCode}:${group.status}:${group.fingerprint}`}>
              <Td className="min-w-56 max-w-xl">
                <span className="block break-words font-mono text-xs">
                  {group.fingerprint === "" ? t("noMessage") : group.fingerprint}
                </span>
                <Code group={group} />
              </Td>
              <Td className="text-right tabular-nums">{group.failures}</Td>
              <Td className="whitespace-nowrap text-right tabular-nums">
                {group.retried === 0
                  ? t("notRetried")
                  : t("of", { successes: group.recovered, tries: group.retried })}
              </Td>
              <Td>
                <Link
                  href={`/runs/${group.run}?task=${encodeURIComponent(task)}`}
                  className="text-accent hover:underline"
                >
                  #{group.run}
                </Link>
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}

/** The code of an error, and the rule that would spare its retries. */
function Code({ group }: { group: ErrorGroup }): ReactNode {
  const t = useTranslations("advice");
  const code =
    group.exitCode !== null
      ? t("exitCode", { code: group.exitCode })
      : group.status !== null
        ? t("status", { status: group.status })
        : null;
  if (code === null && group.giveUpOn === null) return null;
  return (
    <span className="mt-1 flex flex-wrap items-center gap-1.5 text-muted text-xs">
      {code}
      {group.giveUpOn === null ? null : (
        <Badge className="font-mono">{`give_up_on: [${group.giveUpOn}]`}</Badge>
      )}
    </span>
  );
}

"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { type ReactNode, useEffect } from "react";
import { useTRPC } from "#components/shell/api.tsx";
import { StaleNotice } from "#components/shell/stale-notice.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import type { Json } from "#server/core/flow/spec.ts";
import type { RunDetail, TaskRunView } from "#server/core/run/view.ts";
import { JsonBlock } from "./json-block.tsx";
import { taskName } from "./task-name.ts";

/** What went into a task and what came out: outputs of its needs, its settings, its own output. */
export function TaskIo({
  run,
  task,
  item,
}: {
  run: RunDetail;
  task: TaskRunView;
  /** The place of the task run that is looked at, for a task over a list. */
  item: number | undefined;
}) {
  const t = useTranslations("run.io");
  const words = useTranslations("run.items");
  const trpc = useTRPC();
  const query = useQuery(
    trpc.runs.io.queryOptions(
      { id: run.id, task: task.id, ...(item === undefined ? {} : { item }) },
      // Another task run of the same list takes its place without a flicker; another task never does.
      { placeholderData: (previous) => (previous?.task === task.id ? previous : undefined) },
    ),
  );
  const { refetch, data: io } = query;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another state means other values
  useEffect(() => void refetch(), [task.state, task.attempt, refetch]);
  if (io === undefined) {
    return (
      <div className="grid gap-2 p-4">
        <StaleNotice query={query} />
        {query.isError ? null : (
          <>
            <Skeleton className="w-1/3" />
            <Skeleton className="h-24" />
          </>
        )}
      </div>
    );
  }
  const given = io.rendered ?? io;
  const place = io.each === null ? "" : words("number", { number: io.each.index });
  return (
    <section
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the focus
      tabIndex={0}
      aria-label={t("title")}
      className="grid min-h-0 flex-1 content-start gap-5 overflow-y-auto p-4"
    >
      <StaleNotice query={query} />
      {io.each === null ? null : (
        <>
          <Part title={t("got", { of: place })}>
            <JsonBlock value={io.each.value} label={t("got", { of: place })} />
          </Part>
          <Part title={t("outputOf", { task: place })}>
            {io.each.output === null ? (
              <p className="text-muted text-sm">{t("noOutput")}</p>
            ) : (
              <JsonBlock value={io.each.output} label={t("outputOf", { task: place })} />
            )}
          </Part>
        </>
      )}
      <Part title={io.each === null ? t("output") : t("outputOfAll")}>
        {io.output === null ? (
          <p className="text-muted text-sm">{t("noOutput")}</p>
        ) : (
          <JsonBlock value={io.output} label={t("output")} />
        )}
        {io.outputFrom === null ? null : (
          <p className="text-muted text-sm">
            {t("outputFrom")}{" "}
            <Link href={`/runs/${io.outputFrom}`} className="text-accent hover:underline">
              #{io.outputFrom}
            </Link>
          </p>
        )}
      </Part>
      <Part title={t("inputs")}>
        {io.inputs.length === 0 ? (
          <p className="text-muted text-sm">{t("noInputs")}</p>
        ) : (
          io.inputs.map((input) => (
            <div key={input.task} className="grid gap-1">
              <h4 className="flex flex-wrap items-baseline gap-x-2 text-xs">
                {taskName(run.graph, input.task)}
                <code className="break-all text-2xs text-faint">{input.task}</code>
              </h4>
              <JsonBlock
                value={input.output}
                label={t("outputOf", { task: taskName(run.graph, input.task) })}
              />
            </div>
          ))
        )}
      </Part>
      <Part title={io.rendered === null ? t("settingsRaw") : t("settings")}>
        <Values values={given.with} />
      </Part>
      {Object.keys(given.env).length > 0 ? (
        <Part title={t("env")}>
          <Values values={given.env} />
        </Part>
      ) : null}
      <Part title={t("writes")}>
        <p className="flex flex-wrap items-center gap-2 text-sm">
          <Badge className="font-mono">{given.writes.mode}</Badge>
          {given.writes.dataset === undefined ? null : (
            <span className="break-all font-mono text-xs">
              {given.writes.dataset}
              {given.writes.partition === undefined ? "" : ` / ${given.writes.partition}`}
            </span>
          )}
        </p>
      </Part>
    </section>
  );
}

/** Named values; a script or another text of several lines keeps its lines. */
function Values({ values }: { values: Readonly<Record<string, Json>> }) {
  const t = useTranslations("run.io");
  const entries = Object.entries(values);
  if (entries.length === 0) return <p className="text-muted text-sm">{t("noSettings")}</p>;
  return (
    <dl className="grid gap-2">
      {entries.map(([name, value]) => (
        <div key={name} className="grid gap-1">
          <dt className="break-all font-mono text-muted text-xs">{name}</dt>
          <dd className="min-w-0">
            {typeof value === "string" ? (
              <pre className="max-h-96 overflow-auto whitespace-pre-wrap break-all rounded-md border bg-canvas px-3 py-2 text-xs leading-5">
                {value}
              </pre>
            ) : (
              <JsonBlock value={value} label={name} />
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="grid gap-2">
      <h3 className="font-semibold text-sm">{title}</h3>
      {children}
    </section>
  );
}

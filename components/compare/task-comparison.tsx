"use client";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { StatusText } from "#components/status/status.tsx";
import { useDurationText } from "#components/time/time.tsx";
import { Panel } from "#components/ui/panel.tsx";
import { Table, Td, Th, Tr } from "#components/ui/table.tsx";
import type { ComparedSide, ComparedTask, RunComparison } from "#server/core/run/compare.ts";

/** Below this, and below a tenth of the longer one, a difference says nothing. */
const NOISE_MS = 50;
const NOISE_SHARE = 0.1;

/** Each task of either run: its state and duration on both sides, and the difference. */
export function TaskComparison({ comparison }: { comparison: RunComparison }) {
  const t = useTranslations("compare");
  const { a, b, tasks } = comparison;
  const most = Math.max(1, ...tasks.map((task) => Math.abs(task.differenceMs ?? 0)));
  return (
    <Panel title={t("tasks")} count={tasks.length} className="overflow-hidden">
      <Table>
        <thead>
          <tr>
            <Th>{t("task")}</Th>
            <Th>#{a.id}</Th>
            <Th>#{b.id}</Th>
            <Th className="w-64">{t("difference")}</Th>
          </tr>
        </thead>
        <tbody>
          {tasks.map((task) => (
            <Tr key={task.id} data-task={task.id}>
              <Td className="min-w-28">
                <span className="font-medium">{task.name ?? task.id}</span>{" "}
                <span className="font-mono text-2xs text-faint">{task.type}</span>
              </Td>
              <Td>
                <Side side={task.a} run={a.id} task={task.id} />
              </Td>
              <Td>
                <Side side={task.b} run={b.id} task={task.id} />
              </Td>
              <Td>
                <Difference task={task} most={most} />
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Panel>
  );
}

function Side({ side, run, task }: { side: ComparedSide | null; run: string; task: string }) {
  const t = useTranslations();
  const write = useDurationText();
  if (side === null) return <span className="text-faint text-xs">{t("compare.noTask")}</span>;
  return (
    <Link
      href={`/runs/${run}?task=${encodeURIComponent(task)}`}
      className="inline-flex items-center gap-x-2 whitespace-nowrap hover:underline max-sm:flex-col max-sm:items-start"
    >
      <StatusText state={side.state} className="text-xs" />
      {side.durationMs === null ? null : (
        <span className="text-muted text-xs tabular-nums">{write(side.durationMs)}</span>
      )}
      {side.attempt > 1 ? (
        <span className="text-muted text-xs">{t("dag.attempts", { count: side.attempt })}</span>
      ) : null}
    </Link>
  );
}

/** A bar to the left for what became faster, to the right for what became slower. */
function Difference({ task, most }: { task: ComparedTask; most: number }) {
  const t = useTranslations("compare");
  const write = useDurationText();
  const { differenceMs: by } = task;
  if (by === null) return <span className="text-faint text-xs">–</span>;
  const longer = Math.max(task.a?.durationMs ?? 0, task.b?.durationMs ?? 0);
  if (Math.abs(by) < NOISE_MS || Math.abs(by) < longer * NOISE_SHARE) {
    return <span className="text-faint text-xs">{t("unchanged")}</span>;
  }
  const share = `${(Math.abs(by) / most) * 50}%`;
  return (
    <span className="flex items-center gap-2 text-xs tabular-nums">
      <span aria-hidden className="relative h-1.5 w-24 shrink-0 rounded-full bg-fill-strong">
        <span
          className={`absolute inset-y-0 rounded-full ${by > 0 ? "left-1/2 bg-orange-solid" : "right-1/2 bg-success-solid"}`}
          style={{ width: share }}
        />
      </span>
      <span className={by > 0 ? "text-orange" : "text-success"}>
        {by > 0 ? "+" : "−"}
        {write(Math.abs(by))}
      </span>
    </span>
  );
}

"use client";
import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import { parseAsString, useQueryState } from "nuqs";
import { DagCanvas } from "#components/dag/dag-canvas.tsx";
import { taskName } from "#components/run/task-name.ts";
import { Button } from "#components/ui/button.tsx";
import { Panel } from "#components/ui/panel.tsx";
import type { FlowDetail } from "#server/core/flow/view.ts";
import { TaskSettings } from "./task-settings.tsx";

/** The DAG of the current revision; a chosen task shows its settings beside it. */
export function FlowGraph({ flow }: { flow: FlowDetail }) {
  const t = useTranslations("flow");
  const [task, setTask] = useQueryState("task", parseAsString);
  const settings = task === null ? undefined : flow.spec.tasks[task];
  return (
    <div className="flex flex-1 flex-col gap-4 lg:flex-row">
      <Panel className="relative flex min-h-96 flex-1 overflow-hidden lg:min-h-[calc(100dvh-16rem)]">
        <DagCanvas
          graph={flow.graph}
          selected={task}
          onSelect={(id) => void setTask(id)}
          className="absolute inset-0"
        />
      </Panel>
      {task === null || settings === undefined ? null : (
        <Panel
          className="w-full shrink-0 self-start lg:w-80"
          title={
            <span className="flex flex-wrap items-baseline gap-x-2">
              {settings.name ?? task}
              {settings.name === undefined ? null : (
                <code className="break-all font-normal text-2xs text-faint">{task}</code>
              )}
            </span>
          }
          aside={
            <Button
              variant="ghost"
              size="icon-sm"
              aria-label={t("closeTask")}
              onClick={() => void setTask(null)}
            >
              <X aria-hidden />
            </Button>
          }
        >
          <TaskSettings task={settings} nameOf={(id) => taskName(flow.graph, id)} />
        </Panel>
      )}
    </div>
  );
}

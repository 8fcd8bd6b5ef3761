"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useMemo } from "react";
import { DagCanvas } from "#components/dag/dag-canvas.tsx";
import { Panel } from "#components/ui/panel.tsx";
import type { FlowDetail } from "#server/core/flow/view.ts";
import type { TaskRunView } from "#server/core/run/view.ts";
import type { GridModel } from "./grid-model.ts";

/** The states of one column of the grid, as the graph wants them. */
function taskRuns(model: GridModel, run: number): TaskRunView[] {
  return model.tasks.flatMap((task, ordinal) => {
    const state = model.state(run, ordinal);
    if (state === null) return [];
    return {
      id: task.id,
      ordinal,
      type: task.type,
      state,
      attempt: 0,
      readyAt: null,
      startedAt: null,
      finishedAt: null,
      notBefore: null,
      reusedFrom: null,
      runner: null,
      items: null,
    };
  });
}

/** The graph beside the grid, in the states of the run that is pointed at; first of the newest. */
export function GridGraph({
  flow,
  model,
  run,
}: {
  flow: FlowDetail;
  model: GridModel;
  run: number;
}) {
  const t = useTranslations("flow");
  const router = useRouter();
  const tasks = useMemo(() => taskRuns(model, run), [model, run]);
  const shown = model.runs[run];
  return (
    <Panel
      title={t("graph")}
      aside={shown === undefined ? undefined : t("statesOf", { id: shown.id })}
      className="overflow-hidden"
    >
      <div className="relative h-[max(20rem,calc(100dvh-19rem))]">
        <DagCanvas
          graph={flow.graph}
          tasks={tasks}
          className="absolute inset-0"
          onSelect={(task) => {
            if (shown !== undefined) {
              router.push(`/runs/${shown.id}?task=${encodeURIComponent(task)}`);
            }
          }}
        />
      </div>
    </Panel>
  );
}

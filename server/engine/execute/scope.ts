/** What the templates and conditions of a task can see in a given run. */
import type { Json } from "../../core/flow/spec.ts";
import type { EachScope, TemplateScope } from "../../core/flow/template/template.ts";
import { mentionedTasks } from "../../core/run/mentions.ts";
import type { RunFacts } from "../../db/queue/queue-run.ts";
import type { RevisionModel } from "../../db/run/settle-model.ts";
import { intervalOf } from "../../db/sql.ts";
import type { ReadOutputs } from "./output-cache.ts";

/**
 * Builds the scope for the given texts of one task: run, parameters, interval, and the outputs
 * upstream that the texts mention. A task upstream that returned nothing has the output null.
 * @param ordinal of the task in the revision
 * @param each    what a task run of a list works on
 */
export async function scopeFor(
  read: ReadOutputs,
  run: RunFacts,
  model: RevisionModel,
  ordinal: number,
  texts: readonly string[],
  each?: EachScope,
): Promise<TemplateScope> {
  return {
    params: run.params,
    interval: intervalOf(run.intervalStart, run.intervalEnd),
    timezone: run.timezone,
    run: { identity: run.identity },
    flow: { id: run.flowId },
    tasks: await outputsFor(read, run.id, model, ordinal, texts),
    ...(each === undefined ? {} : { each }),
  };
}

/** Ids and ordinals of all tasks upstream of one. */
function upstreamOf(model: RevisionModel, ordinal: number): Map<string, number> {
  const upstream = new Set(model.parents[ordinal]);
  for (const need of upstream) {
    for (const further of model.parents[need] ?? []) upstream.add(further);
  }
  return new Map([...upstream].map((need) => [model.taskIds[need] ?? "", need]));
}

/** The outputs of all tasks upstream; null for one that returned nothing. */
export async function outputsUpstream(
  read: ReadOutputs,
  runId: string,
  model: RevisionModel,
  ordinal: number,
): Promise<Record<string, Json>> {
  const ordinals = upstreamOf(model, ordinal);
  if (ordinals.size === 0) return {};
  const outputs = await read(runId, [...ordinals.values()]);
  return Object.fromEntries([...ordinals].map(([id, need]) => [id, outputs.get(need) ?? null]));
}

async function outputsFor(
  read: ReadOutputs,
  runId: string,
  model: RevisionModel,
  ordinal: number,
  texts: readonly string[],
): Promise<TemplateScope["tasks"]> {
  if (!texts.some((text) => text.includes("tasks"))) return {};
  const ordinals = upstreamOf(model, ordinal);
  const mentioned = mentionedTasks(texts, ordinals.keys());
  if (mentioned.length === 0) return {};
  const outputs = await read(
    runId,
    mentioned.map((id) => ordinals.get(id) ?? -1),
  );
  return Object.fromEntries(
    mentioned.map((id) => [id, { output: outputs.get(ordinals.get(id) ?? -1) ?? null }]),
  );
}

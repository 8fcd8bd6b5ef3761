import { z } from "zod";
import { FLOW_TYPE } from "#server/core/flow/calls.ts";
import { FLOW_ID } from "#server/core/flow/names.ts";
import { filledText, refuseField } from "#server/core/flow/read/task-fields.ts";
import type { Json } from "#server/core/flow/spec.ts";
import type { TaskTypeSpec } from "#server/core/flow/task-type.ts";

/** `with` of a flow task. Strings are templates, but for the id. */
export interface FlowSettings {
  flow: string;
  /** By name; texts are understood as the other flow's parameters ask. */
  params: Record<string, Json>;
  /** The run's own when absent. Instants in ISO 8601. */
  interval?: { start: string; end: string };
}

/** No template: which flows a run reaches must be known before it starts. */
const flow = filledText.check((ctx) => {
  if (FLOW_ID.test(ctx.value)) return;
  refuseField(
    ctx,
    "INVALID_VALUE",
    `"${ctx.value.slice(0, 80)}" cannot be the id of a flow.`,
    "Name one flow by its id; templates are not possible here.",
  );
});

export const flowSpec: TaskTypeSpec = {
  type: FLOW_TYPE,
  title: "Flow",
  description:
    "Runs another flow, in the revision that was current when the run began, and waits for its end. Takes no slot.",
  icon: "workflow",
  params: z.strictObject({
    flow: flow.describe("The id of the flow to run."),
    params: z
      .record(z.string(), z.json() as z.ZodType<Json>)
      .default({})
      .describe("Parameters of its run; those that are not named have their defaults."),
    interval: z
      .strictObject({ start: filledText, end: filledText })
      .exactOptional()
      .describe("The interval of its run; this run's by default."),
  }),
  verbatim: ["flow"],
  writes: "none",
  slotless: true,
};

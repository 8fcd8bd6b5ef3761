/** What a run is asked to work on, against what its flow takes. */
import { AppError } from "../errors.ts";
import { findIntervalUse } from "../flow/interval-use.ts";
import { resolveParams } from "../flow/params/params.ts";
import type { FlowSpec, Json, ParamSchema } from "../flow/spec.ts";
import type { TaskTypes } from "../flow/task-type.ts";
import type { IntervalView } from "./view.ts";

/** @throws AppError INVALID_PARAMS with one entry for each bad parameter */
export function checkParams(
  schemas: Record<string, ParamSchema>,
  given: Record<string, Json>,
): Record<string, Json> {
  const resolved = resolveParams(schemas, given);
  if (resolved.ok) return resolved.value;
  const [first] = resolved.errors;
  const more = resolved.errors.length > 1 ? ` (and ${resolved.errors.length - 1} more)` : "";
  throw new AppError(
    "INVALID_PARAMS",
    `${first?.message ?? "The parameters are invalid."}${more}`,
    {
      fix: "Correct the parameters and start again.",
      data: { fields: resolved.errors },
    },
  );
}

/** @throws AppError INTERVAL_REQUIRED when the flow reads an interval that the run would not have */
export function checkInterval(
  revision: { flowId: string; spec: FlowSpec },
  interval: IntervalView | null,
  types: TaskTypes,
): void {
  if (interval !== null) return;
  const use = findIntervalUse(revision.spec, types);
  if (use === null) return;
  const { flowId } = revision;
  throw new AppError(
    "INTERVAL_REQUIRED",
    `A run of "${flowId}" needs an interval: its task "${use.task}" reads ${use.variable}.`,
    {
      fix: "Give the run an interval: its start and its end, as --interval-start on the command line.",
      data: { flow: flowId, ...use },
    },
  );
}

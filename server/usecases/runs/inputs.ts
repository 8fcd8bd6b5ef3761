import { z } from "zod";
import { type Json, MAX_TASK_RUNS } from "#server/core/flow/spec.ts";
import { runStates, runTriggers, taskStates } from "#server/core/run/states.ts";

/** Shapes of what people and programs may ask of runs. Everything that enters is parsed by these. */

/** Decimal ids of PostgreSQL's bigint. */
export const runId = z
  .string()
  .regex(/^[1-9][0-9]{0,18}$/, "An id of a run is a whole number.")
  .refine((text) => BigInt(text) <= 9_223_372_036_854_775_807n, "This id is too large.");
export const flowId = z.string().min(1).max(128);
/** Revisions are numbered by an int4. */
export const revisionNumber = z.int().positive().max(2_147_483_647);
export const taskId = z.string().min(1).max(200);
/** Within the years that every part of the product can write: those of four digits, in UTC. */
const instant = z.iso
  .datetime({ offset: true })
  .refine((text) => isWithinYears(Date.parse(text)), "Give a time in the years 1 to 9999.");

const FIRST_INSTANT = Date.parse("0001-01-01T00:00:00.000Z");
const LAST_INSTANT = Date.parse("9999-12-31T23:59:59.999Z");
const isWithinYears = (at: number) => at >= FIRST_INSTANT && at <= LAST_INSTANT;

const json: z.ZodType<Json> = z.json() as z.ZodType<Json>;

/** Names and values of parameters; what they may be is the flow's own schema's affair. */
export const paramsInput = z.record(z.string().max(200), json);

export const intervalInput = z
  .object({ start: instant, end: instant })
  .strict()
  .refine(({ start, end }) => Date.parse(start) < Date.parse(end), {
    message: "The interval must end after it starts.",
    path: ["end"],
  });

export const timezone = z
  .string()
  .max(64)
  .refine(isTimezone, "This is not an IANA time zone, such as Europe/Berlin.");

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

export const idempotencyKey = z.string().min(8).max(200);

export const createRunInput = z
  .object({
    flow: flowId,
    revision: revisionNumber.optional(),
    params: paramsInput.default({}),
    interval: intervalInput.optional(),
    /** Default: that of the flow's first schedule, else UTC. */
    timezone: timezone.optional(),
    /** The run whose values were the starting point, for "Run with changes". */
    from: runId.optional(),
    idempotencyKey,
  })
  .strict();
export type CreateRunInput = z.infer<typeof createRunInput>;

export const rerunPlanInput = z.object({ id: runId, scope: z.string().max(300) }).strict();

export const rerunInput = z
  .object({
    id: runId,
    scope: z.string().max(300),
    planHash: z.string().regex(/^[0-9a-f]{64}$/),
    reason: z.string().trim().min(1).max(2_000).optional(),
    idempotencyKey,
  })
  .strict();
export type RerunInput = z.infer<typeof rerunInput>;

export const compareInput = z.object({ a: runId, b: runId }).strict();
export type CompareInput = z.infer<typeof compareInput>;

export const draftInput = z
  .object({ flow: flowId, revision: revisionNumber.optional(), from: runId.optional() })
  .strict();
export type DraftInput = z.infer<typeof draftInput>;

export const changesInput = z
  .object({
    from: runId,
    revision: revisionNumber.optional(),
    params: paramsInput.default({}),
    interval: intervalInput.nullable().optional(),
    timezone: timezone.optional(),
  })
  .strict();
export type ChangesInput = z.infer<typeof changesInput>;

export const runFilter = z
  .object({
    flow: flowId.optional(),
    state: z.array(z.enum(runStates)).min(1).max(runStates.length).optional(),
    trigger: z.array(z.enum(runTriggers)).min(1).max(runTriggers.length).optional(),
    intervalFrom: instant.optional(),
    intervalTo: instant.optional(),
    params: paramsInput.optional(),
    identity: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
    parent: runId.optional(),
    backfill: runId.optional(),
  })
  .strict();

export const listRunsInput = z
  .object({
    filter: runFilter.default({}),
    cursor: runId.nullish(),
    limit: z.int().min(1).max(200).default(50),
  })
  .strict();
export type ListRunsInput = z.infer<typeof listRunsInput>;

/** Place of a task run in the list that its task is executed over, from 0. */
const item = z
  .int()
  .min(0)
  .max(MAX_TASK_RUNS - 1);

export const taskRef = z.object({ id: runId, task: taskId, item: item.optional() }).strict();
export type TaskRef = z.infer<typeof taskRef>;

export const itemsInput = z
  .object({
    id: runId,
    task: taskId,
    /** The first place that is wanted. */
    cursor: item.nullish(),
    limit: z.int().min(1).max(1_000).default(500),
    states: z.array(z.enum(taskStates)).min(1).max(taskStates.length).optional(),
  })
  .strict();
export type ItemsInput = z.infer<typeof itemsInput>;

export const logInput = z
  .object({
    id: runId,
    task: taskId,
    item: item.optional(),
    attempt: z.int().positive().max(1_000_000),
    from: z.int().positive().default(1),
    count: z.int().positive().max(2_000).default(500),
  })
  .strict();
export type LogInput = z.infer<typeof logInput>;

export const searchLogInput = z
  .object({
    id: runId,
    task: taskId,
    item: item.optional(),
    attempt: z.int().positive().max(1_000_000),
    text: z.string().min(1).max(500),
  })
  .strict();
export type SearchLogInput = z.infer<typeof searchLogInput>;

export const cancelInput = z
  .object({ id: runId, reason: z.string().trim().min(1).max(2_000).optional() })
  .strict();
export type CancelInput = z.infer<typeof cancelInput>;

import { z } from "zod";
import {
  backfillOrders,
  backfillStates,
  backfillSteps,
  DEFAULT_CONCURRENCY,
  MAX_CONCURRENCY,
  MAX_ROWS,
  reprocessModes,
  rowStates,
} from "#server/core/backfill/states.ts";
import { calendarInput } from "#server/usecases/flows/inputs.ts";
import {
  flowId,
  idempotencyKey,
  intervalInput,
  paramsInput,
  revisionNumber,
  runId,
  timezone,
} from "#server/usecases/runs/inputs.ts";

/** Shapes of what people and programs may ask of backfills. */

const id = runId;
/** A date, a date and time on the wall clock, or an instant; what it may be is checked with its zone. */
const bound = z.string().trim().min(10).max(40);
const concurrency = z.int().min(1).max(MAX_CONCURRENCY);
const version = z.string().regex(/^[0-9]{1,18}$/);
const reason = z.string().trim().min(1).max(2_000);

export const backfillPlanInput = z
  .object({
    flow: flowId,
    revision: revisionNumber.optional(),
    /** Intervals that start in [from, to). */
    from: bound.optional(),
    to: bound.optional(),
    /** Default: the schedule's intervals, or days when the flow has no schedule. */
    step: z.enum(backfillSteps).optional(),
    /** Which schedule of the revision, counted from 1. */
    schedule: z.int().min(1).max(1_000).optional(),
    /** Default: the zone of the schedule, or UTC. */
    timezone: timezone.optional(),
    /** Instead of from and to. */
    intervals: z.array(intervalInput).min(1).max(MAX_ROWS).optional(),
    /** Instead of dates: one run for each, `params` being what they have in common. */
    sets: z.array(paramsInput).min(1).max(MAX_ROWS).optional(),
    params: paramsInput.default({}),
    order: z.enum(backfillOrders).default("asc"),
    concurrency: concurrency.default(DEFAULT_CONCURRENCY),
    reprocess: z.enum(reprocessModes).default("failed"),
    canary: z.int().min(1).max(MAX_ROWS).optional(),
    stopAfter: z.int().min(1).max(MAX_ROWS).optional(),
  })
  .strict()
  .superRefine((input, context) => {
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: "custom", path: [path], message });
    const isRange = input.from !== undefined || input.to !== undefined;
    const sources = [isRange, input.intervals !== undefined, input.sets !== undefined];
    if (sources.filter(Boolean).length !== 1) {
      refuse("from", "Give either from and to, or intervals, or sets.");
    } else if (isRange && (input.from === undefined || input.to === undefined)) {
      refuse(input.from === undefined ? "from" : "to", "A range has both from and to.");
    } else if (!isRange && (input.step !== undefined || input.schedule !== undefined)) {
      refuse("step", "A step goes with from and to only.");
    }
  });
export type BackfillPlanInput = z.infer<typeof backfillPlanInput>;

export const backfillStartInput = z
  .object({
    id,
    planHash: z.string().regex(/^[0-9a-f]{64}$/),
    reason: reason.optional(),
    idempotencyKey,
  })
  .strict();
export type BackfillStartInput = z.infer<typeof backfillStartInput>;

export const backfillDraftInput = z
  .object({
    flow: flowId,
    revision: revisionNumber.optional(),
    /** An earlier backfill of the flow, or a plan, whose settings are the starting point. */
    from: id.optional(),
    /** Intervals that were picked on the flow's calendar. */
    calendar: calendarInput
      .omit({ flow: true })
      .extend({ year: z.int().min(1970).max(9_998), pick: z.string().max(20) })
      .optional(),
  })
  .strict();
export type BackfillDraftInput = z.infer<typeof backfillDraftInput>;

export const backfillInput = z.object({ id }).strict();
export type BackfillInput = z.infer<typeof backfillInput>;

export const backfillListInput = z
  .object({
    flow: flowId.optional(),
    /** Default: all but those that are only planned. */
    state: z.array(z.enum(backfillStates)).min(1).max(backfillStates.length).optional(),
    cursor: id.nullish(),
    limit: z.int().min(1).max(100).default(50),
  })
  .strict();
export type BackfillListInput = z.infer<typeof backfillListInput>;

export const backfillRowsInput = z
  .object({
    id,
    state: z.array(z.enum(rowStates)).min(1).max(rowStates.length).optional(),
    /** Ordinal of the last row of the page before. */
    cursor: z
      .string()
      .regex(/^[0-9]{1,6}$/)
      .nullish(),
    limit: z.int().min(1).max(500).default(100),
  })
  .strict();
export type BackfillRowsInput = z.infer<typeof backfillRowsInput>;

export const concurrencyInput = z.object({ id, concurrency }).strict();
export type ConcurrencyInput = z.infer<typeof concurrencyInput>;

export const cancelBackfillInput = z
  .object({ id, running: z.enum(["leave", "cancel"]), reason: reason.optional() })
  .strict();
export type CancelBackfillInput = z.infer<typeof cancelBackfillInput>;

export const retryFailedInput = z
  .object({
    id,
    /** Needed when tasks that succeeded would repeat effects that do not replace the old ones. */
    reason: reason.optional(),
  })
  .strict();
export type RetryFailedInput = z.infer<typeof retryFailedInput>;

export const watchBackfillInput = z
  .object({
    id,
    /** Version of the cells that the client has; changes since then are sent. */
    version: version.optional(),
    lastEventId: version.nullish(),
  })
  .strict();

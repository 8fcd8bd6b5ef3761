import { z } from "zod";
import { POOL_NAME } from "#server/core/flow/names.ts";

/** Shapes of what people and programs may ask of pools. */

export const MOST_SLOTS = 10_000;

export const poolInput = z
  .object({
    pool: z.string().regex(POOL_NAME, "A pool is named by lower-case letters, digits, - and _."),
    /** Null: no limit. 0 keeps everything in the pool waiting. */
    slots: z.int().min(0).max(MOST_SLOTS).nullable(),
  })
  .strict();
export type PoolInput = z.infer<typeof poolInput>;

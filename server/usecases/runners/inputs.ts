import { z } from "zod";

/** Shapes of what people and programs may ask of runners. */

const runnerId = z.string().regex(/^[1-9][0-9]{0,18}$/, "A runner is named by a whole number.");

export const runnerInput = z.object({ id: runnerId }).strict();
export type RunnerInput = z.infer<typeof runnerInput>;

export const runnerSlotsInput = z
  .object({ id: runnerId, slots: z.int().min(1).max(1_000) })
  .strict();
export type RunnerSlotsInput = z.infer<typeof runnerSlotsInput>;

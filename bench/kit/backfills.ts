/** Waiting for backfills. */
import { setTimeout as sleep } from "node:timers/promises";
import { operator } from "#server/auth/actor.ts";
import { isBackfillEnded } from "#server/core/backfill/states.ts";
import { getBackfill } from "#server/usecases/backfills/read.ts";
import type { Runner } from "./runner.ts";
import type { Stage } from "./runs.ts";

const LIMIT_MS = 300_000;
/** Seldom enough to cost the machine little while a figure is measured. */
const POLL_MS = 100;

/**
 * Waits until a backfill has ended.
 * @param wanted how many of its rows are to have ended in which state; all others in none
 * @throws Error when the runner ends, or the backfill does not end so, or not within five minutes
 */
export async function awaitBackfill(
  stage: Stage,
  runner: Runner,
  id: string,
  wanted: { succeeded: number; failed?: number },
): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const { state, counts } = await getBackfill(stage.deps, operator, { id });
    const { succeeded, failed } = counts;
    if (
      isBackfillEnded(state) &&
      succeeded === wanted.succeeded &&
      failed === (wanted.failed ?? 0)
    ) {
      return;
    }
    const isOver = performance.now() > deadline;
    if (isBackfillEnded(state) || state === "paused" || isOver) {
      throw new Error(`Backfill ${id} is ${state}: ${JSON.stringify(counts)}`);
    }
    await Promise.race([runner.failed, sleep(POLL_MS)]);
  }
}

import { type Actor, authorise } from "#server/auth/actor.ts";
import type { BackfillDelta } from "#server/core/backfill/view.ts";
import { readChangedCells } from "#server/db/backfill/backfill-views.ts";
import type { LiveHub } from "#server/engine/live.ts";
import type { Deps } from "#server/usecases/deps.ts";
import { pause, wakes } from "#server/usecases/runs/live.ts";
import { getBackfill } from "./read.ts";

/** Least time between two looks at one backfill. */
const PACE_MS = 250;

/**
 * Follows one backfill: the rows that changed after `since`, then those that changed each time that
 * something was reported. Rows are the truth, a report only wakes, so nothing is missed after a
 * reconnect. Goes on after the end, since a retry may follow.
 * @param since version of the cells that the client has; everything when it has none
 * @throws AppError NOT_FOUND
 */
export async function* watchBackfill(
  deps: Deps & { live: LiveHub },
  actor: Actor,
  { id, since }: { id: string; since: string },
  signal: AbortSignal,
): AsyncGenerator<BackfillDelta> {
  authorise(actor, "backfill:read");
  let seen = since;
  let isFirst = true;
  for await (const _ of wakes(deps.live, signal, () => true)) {
    const started = performance.now();
    // Head first: rows that change in between come again with the next version.
    const backfill = await getBackfill(deps, actor, { id });
    if (isFirst || backfill.version !== seen) {
      const changed = await readChangedCells(deps.pool, id, seen);
      isFirst = false;
      seen = backfill.version;
      yield { version: backfill.version, backfill, changed };
    }
    await pause(Math.max(PACE_MS, 2 * (performance.now() - started)), signal);
  }
}

import { type Actor, authorise } from "#server/auth/actor.ts";
import type { PoolView } from "#server/core/queue/view.ts";
import { setPoolSlots } from "#server/db/queue/pools.ts";
import type { Deps } from "#server/usecases/deps.ts";
import type { PoolInput } from "./inputs.ts";
import { listPools } from "./read.ts";

/** Gives a pool so many slots, for waiting tasks at once. A pool that is not there is made. */
export async function setPool(deps: Deps, actor: Actor, input: PoolInput): Promise<PoolView> {
  authorise(actor, "queue:control");
  await setPoolSlots(deps.pool, input.pool, input.slots, actor.name);
  const pools = await listPools(deps, actor);
  const pool = pools.find(({ name }) => name === input.pool);
  if (pool === undefined) throw new Error(`the pool ${input.pool} vanished`);
  return pool;
}

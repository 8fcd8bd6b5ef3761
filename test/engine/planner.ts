/**
 * Plans a backfill and starts it in a process of its own, so that a test can kill what a web process
 * does. What is asked for stands in the environment: DATABASE_URL, IDEM_PLAN (the input as JSON) and
 * IDEM_KEY (the idempotency key).
 */
import { operator } from "#server/auth/actor.ts";
import { createPool, createPrisma } from "#server/db/connection.ts";
import { backfillPlanInput } from "#server/usecases/backfills/inputs.ts";
import { planBackfill } from "#server/usecases/backfills/plan.ts";
import { startBackfill } from "#server/usecases/backfills/start.ts";

const { DATABASE_URL = "", IDEM_PLAN = "", IDEM_KEY = "" } = process.env;
const pool = createPool(DATABASE_URL, {
  name: "planner",
  max: 1,
  onError: (error) => console.error(error),
});
const deps = { pool, prisma: createPrisma(pool) };
const input = backfillPlanInput.parse(JSON.parse(IDEM_PLAN));
const { id, hash } = await planBackfill(deps, operator, input);
await startBackfill(deps, operator, { id, planHash: hash, idempotencyKey: IDEM_KEY });
await pool.end();

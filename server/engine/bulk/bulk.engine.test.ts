/** A runner dies amid a bulk action; another one finishes it, and nothing is done twice. */
import { expect, it } from "vitest";
import { operator } from "#server/auth/actor.ts";
import { createPrisma } from "#server/db/connection.ts";
import { inWorlds } from "../../../test/engine/faults.ts";
import { quickLease } from "../../../test/engine/runner-process.ts";
import { startRun, storeFlow, until } from "../../../test/engine/runs.ts";
import { buildFlow } from "../../../test/flow-builder.ts";
import { getBulk, previewBulk, startBulk } from "../../usecases/bulk/bulk.ts";
import { bulkStartInput } from "../../usecases/bulk/inputs.ts";

const RUNS = 50;

it("makes one rerun of each run, through a kill within a batch", async () => {
  await inWorlds(2, async ({ pool, startRunner, keepRunner }) => {
    const stored = await storeFlow(pool, buildFlow("many", { only: {} }));
    for (let i = 0; i < RUNS; i++) await startRun(pool, stored);
    const first = await startRunner(quickLease);
    await until("all runs to end", async () => {
      const open = await pool.query("select from run where finished_at is null limit 1");
      return open.rowCount === 0;
    });
    first.kill("SIGTERM");
    await first.exit();
    const deps = { pool, prisma: createPrisma(pool) };
    const filter = { flow: "many" };
    const seen = await previewBulk(deps, operator, { kind: "rerun", filter });
    const order = { ...seen, filter, scope: "all", idempotencyKey: "the only one" };
    const { id } = await startBulk(deps, operator, bulkStartInput.parse(order));
    const doomed = await startRunner({ ...quickLease, IDEM_FAULT_POINT: "within-bulk" });
    expect(await doomed.exit()).toBe("SIGKILL");
    // What the batch had done is gone with it.
    expect((await getBulk(deps, operator, id)).counts).toMatchObject({ pending: RUNS, done: 0 });

    await keepRunner(quickLease);
    await keepRunner(quickLease);
    await until("the bulk action to end", async () => {
      return (await getBulk(deps, operator, id)).finishedAt !== null;
    });
    expect((await getBulk(deps, operator, id)).counts).toMatchObject({ done: RUNS });
    const made = await pool.query<{ runs: number; parents: number }>(
      `select count(*)::int as runs, count(distinct parent_id)::int as parents
         from run where parent_id is not null`,
    );
    expect(made.rows[0]).toEqual({ runs: RUNS, parents: RUNS });
  });
});

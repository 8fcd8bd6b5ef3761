import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { operator } from "#server/auth/actor.ts";
import { inTransaction } from "#server/db/transaction.ts";
import { buildFlow } from "../../test/flow-builder.ts";
import { sharedDatabase, sharedRunner } from "../../test/shared-database.ts";
import { storeFlow } from "./flows/store.ts";
import { getOverview } from "./overview.ts";
import { createRun } from "./runs/create.ts";
import { createRunInput } from "./runs/inputs.ts";

const database = sharedDatabase();
const { deps } = database;
const runner = sharedRunner(database);

it("tells running runs from queued ones, and shows the running ones however many wait", async () => {
  const flow = buildFlow("report", { only: {} });
  await inTransaction(deps.pool, (client) => storeFlow(client, flow, "push", operator.name));
  const start = async () => {
    const input = createRunInput.parse({ flow: "report", idempotencyKey: randomUUID() });
    return (await createRun(deps, operator, input)).id;
  };
  const running = [await start(), await start()];
  await runner.take();
  for (let i = 0; i < 21; i++) await start();

  const { active, activeCounts } = await getOverview(deps, operator);
  expect(activeCounts).toEqual({ running: 2, queued: 21 });
  expect(active).toHaveLength(20);
  expect(active.slice(0, 3).map(({ state }) => state)).toEqual(["running", "running", "queued"]);
  expect(active.slice(0, 2).map(({ id }) => id)).toEqual(running.reverse());
});

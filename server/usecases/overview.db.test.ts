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

it("says what became of a failure: who did the same again, or the same interval", async () => {
  const daily = (text: string) =>
    buildFlow(
      "daily",
      { only: { type: "shell", with: { run: text } } },
      { station: { type: "string", default: "seattle" } },
    );
  const publish = (text: string) =>
    inTransaction(deps.pool, (client) => storeFlow(client, daily(text), "push", operator.name));
  const start = async (day: number, params = {}) => {
    const interval = { start: `2026-01-0${day}T00:00:00Z`, end: `2026-01-0${day + 1}T00:00:00Z` };
    const idempotencyKey = randomUUID();
    const input = createRunInput.parse({ flow: "daily", params, interval, idempotencyKey });
    return (await createRun(deps, operator, input)).id;
  };
  const followers = async () =>
    Object.fromEntries(
      (await getOverview(deps, operator)).failures.map(({ id, followedBy }) => [id, followedBy]),
    );
  await publish("one");
  const first = await start(1);
  const second = await start(2);
  await runner.drain({ only: "fail" });
  expect(await followers()).toEqual({ [first]: null, [second]: null });

  const again = await start(1);
  await runner.drain({ only: "fail" });
  expect(await followers()).toEqual({
    [first]: { id: again, state: "failed" },
    [second]: null,
    [again]: null,
  });

  // The same day of another station is another thing.
  await start(2, { station: "tacoma" });
  await runner.drain();
  expect((await followers())[second]).toBeNull();

  // Without an interval it is the identity that tells.
  const plain = buildFlow("plain", { only: {} }, { n: { type: "integer" } });
  await inTransaction(deps.pool, (client) => storeFlow(client, plain, "push", operator.name));
  const startPlain = async (n: number) => {
    const idempotencyKey = randomUUID();
    const input = createRunInput.parse({ flow: "plain", params: { n }, idempotencyKey });
    return (await createRun(deps, operator, input)).id;
  };
  const broken = await startPlain(1);
  await runner.drain({ only: "fail" });
  await startPlain(2);
  expect((await followers())[broken]).toBeNull();
  const same = await startPlain(1);
  expect((await followers())[broken]).toEqual({ id: same, state: "queued" });
  await runner.drain();

  // Another revision has another identity, and the same interval.
  await publish("two");
  const mended = await start(1);
  const queued = { id: mended, state: "queued" };
  expect(await followers()).toMatchObject({ [first]: queued, [second]: null, [again]: queued });
  await runner.drain();
  const succeeded = { id: mended, state: "succeeded" };
  expect(await followers()).toMatchObject({
    [first]: succeeded,
    [second]: null,
    [again]: succeeded,
    [broken]: { id: same, state: "succeeded" },
  });
});

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

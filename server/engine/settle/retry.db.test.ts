import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { operator } from "#server/auth/actor.ts";
import { NO_RETRY, type RetryPolicy } from "#server/core/flow/spec.ts";
import { promoteRetries } from "#server/db/runners.ts";
import { inTransaction } from "#server/db/transaction.ts";
import { buildFlow } from "../../../test/flow-builder.ts";
import { sharedDatabase, sharedRunner } from "../../../test/shared-database.ts";
import { storeFlow } from "../../usecases/flows/store.ts";
import { createRun } from "../../usecases/runs/create.ts";
import { createRunInput } from "../../usecases/runs/inputs.ts";
import { getAttempts, getRun } from "../../usecases/runs/read.ts";

const database = sharedDatabase();
const runner = sharedRunner(database);

const { deps } = database;

async function start(rules: Record<string, Partial<RetryPolicy>>): Promise<string> {
  const flow = `flow-${randomUUID()}`;
  const tasks = Object.fromEntries(
    Object.entries(rules).map(([id, rule]) => [
      id,
      { retry: { ...NO_RETRY, attempts: 3, delayMs: 0, ...rule } },
    ]),
  );
  await inTransaction(database.pool, (client) =>
    storeFlow(client, buildFlow(flow, tasks), "push", operator.name),
  );
  const input = createRunInput.parse({ flow, idempotencyKey: randomUUID() });
  return (await createRun(deps, operator, input)).id;
}

async function ended(id: string) {
  const run = await getRun(deps, operator, id);
  return Object.fromEntries(
    await Promise.all(
      run.tasks.map(async ({ id: task, state, attempt }) => {
        const last = (await getAttempts(deps, operator, { id, task })).at(-1);
        return [task, [state, attempt, last?.error?.gaveUp]] as const;
      }),
    ),
  );
}

describe("a failure with exit code 1", () => {
  it("is the last one when the policy does not name it, or names it as hopeless", async () => {
    const id = await start({
      named: { retryOn: { exit: [[1, 1]] } },
      other: { retryOn: { exit: [[75, 75]] } },
      hopeless: { giveUpOn: { exit: [[1, 9]] } },
    });
    await runner.drain({ named: "fail", other: "fail", hopeless: "fail" });
    expect(await ended(id)).toEqual({
      named: ["retry_wait", 1, undefined],
      other: ["failed", 1, "not_retried"],
      hopeless: ["failed", 1, "given_up"],
    });
    await promoteRetries(database.pool, 10);
    await runner.drain();
    expect((await ended(id)).named).toEqual(["succeeded", 2, undefined]);
  });

  it("is the last one when too much time has passed since the first attempt began", async () => {
    const id = await start({ slow: { giveUpAfterMs: 60_000 } });
    await runner.drain({ slow: "fail" });
    expect((await ended(id)).slow).toEqual(["retry_wait", 1, undefined]);
    // History cannot be changed, so the clock is put back where history is kept.
    await database.pool.query("alter table attempt disable trigger user");
    await database.pool.query(
      "update attempt set started_at = started_at - interval '2 minutes' where run_id = $1",
      [id],
    );
    await database.pool.query("alter table attempt enable trigger user");
    await promoteRetries(database.pool, 10);
    await runner.drain({ slow: "fail" });
    expect((await ended(id)).slow).toEqual(["failed", 2, "out_of_time"]);
    expect((await getRun(deps, operator, id)).state).toBe("failed");
  });
});

/** Tasks that wait without a slot: by the hundred on one slot, and across the death of their runner. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { quickLease } from "../../test/engine/runner-process.ts";
import {
  awaitRun,
  readAttempts,
  readRun,
  readTasks,
  startRun,
  storeFlow,
  until,
} from "../../test/engine/runs.ts";
import { createWorld, type EngineWorld } from "../../test/engine/world.ts";
import { buildFlow, type TaskDraft } from "../../test/flow-builder.ts";
import { shell } from "../../test/task-drafts.ts";

const WAITING = 300;
const interval = { start: "2012-01-05T00:00:00.000Z", end: "2012-01-06T00:00:00.000Z" };

let world: EngineWorld;
let server: Server;
let status = 503;

beforeAll(async () => {
  world = await createWorld();
  server = createServer((_, response) => response.writeHead(status).end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  expect(await world.finish()).toEqual([]);
  await world.remove();
});

const waitFor = (settings: object): TaskDraft => ({
  type: "wait_for",
  with: { every: 100, ...settings },
});

const startRunner = (more: Record<string, string> = {}) =>
  world.startRunner({ IDEM_SLOTS: "1", ...quickLease, ...more });

async function running(runId: string): Promise<number> {
  const tasks = await readTasks(world.pool, runId);
  return tasks.filter((task) => task.state === "running").length;
}

describe("tasks that wait", () => {
  it("take no slot: hundreds wait on a runner whose only slot works", async () => {
    // Nothing here is about leases: a machine that is busy must not look like a frozen runner.
    const runner = await startRunner({ IDEM_LEASE_MS: "60000" });
    const { port } = server.address() as AddressInfo;
    const other = await storeFlow(world.pool, buildFlow("other", { done: {} }));
    const many = Object.fromEntries(
      Array.from({ length: WAITING }, (_, n) => [`w${n}`, waitFor({ file: "in/arrived.csv" })]),
    );
    const stored = await storeFlow(
      world.pool,
      buildFlow("waits", {
        ...many,
        url: waitFor({ url: `http://127.0.0.1:${port}/`, expect: [[204, 204]] }),
        flow: waitFor({ flow: "other" }),
        moment: { type: "wait_until", with: { time: "2012-01-05" } },
        later: { type: "wait", with: { duration: 300 } },
        busy: shell("true", { needs: ["later"] }),
        // Arrives whole, as files should that somebody waits for.
        write: shell(
          'mkdir -p "$IDEM_DATA/in" && echo 1 > "$IDEM_DATA/new" && mv "$IDEM_DATA/new" "$IDEM_DATA/in/arrived.csv"',
          { needs: ["busy"] },
        ),
      }),
    );
    const runId = await startRun(world.pool, stored, { interval });
    await until("the url and the flow alone to wait", async () => (await running(runId)) === 2);
    status = 204;
    await startRun(world.pool, other, { interval });
    expect(await awaitRun(world.pool, runId)).toMatchObject({ state: "succeeded" });
    const outputs = await world.pool.query<{ output: Record<string, unknown> }>(
      "select output from task_output where run_id = $1",
      [runId],
    );
    expect(outputs.rows.filter(({ output }) => output.bytes === 2)).toHaveLength(WAITING);
    expect(outputs.rows.map(({ output }) => output)).toEqual(
      expect.arrayContaining([{ status: 204 }, { run: expect.stringMatching(/^\d+$/) }]),
    );
    runner.kill("SIGTERM");
    await runner.exit();
  });

  it("go on waiting on another runner when theirs is killed", async () => {
    const stored = await storeFlow(
      world.pool,
      buildFlow("survives", {
        waits: { ...waitFor({ file: "in/late.csv" }), timeoutMs: 60_000 },
        after: shell("true", { needs: ["waits"] }),
      }),
    );
    const runners = [await startRunner(), await startRunner()];
    const runId = await startRun(world.pool, stored);
    await until("the task to wait", async () => (await running(runId)) === 1);
    const holder = await world.pool.query<{ id: string }>(
      "select runner_id as id from task_run where run_id = $1 and state = 'running'",
      [runId],
    );
    runners.find(({ id }) => id === holder.rows[0]?.id)?.kill("SIGKILL");
    const write = await storeFlow(
      world.pool,
      buildFlow("writes", {
        write: shell('mkdir -p "$IDEM_DATA/in" && : > "$IDEM_DATA/in/late.csv"'),
      }),
    );
    await startRun(world.pool, write);
    await awaitRun(world.pool, runId);
    expect(await readRun(world.pool, runId)).toMatchObject({ state: "succeeded" });
    const attempts = await readAttempts(world.pool, runId);
    expect(attempts.map(({ state }) => state)).toEqual(["lost", "succeeded", "succeeded"]);
  });

  it("end by their timeout", async () => {
    const stored = await storeFlow(
      world.pool,
      buildFlow("times-out", { waits: { ...waitFor({ file: "in/never" }), timeoutMs: 300 } }),
    );
    const runId = await startRun(world.pool, stored);
    expect(await awaitRun(world.pool, runId)).toMatchObject({ state: "failed" });
  });
});

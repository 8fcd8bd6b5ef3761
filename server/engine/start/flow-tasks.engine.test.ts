/** Flows that run flows: one run for each try, in the pinned revisions, whatever dies in between. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { quickLease } from "../../../test/engine/runner-process.ts";
import {
  awaitRun,
  readAttempts,
  readRun,
  readTasks,
  type StoredFlow,
  startRun,
  storeFlow,
  until,
} from "../../../test/engine/runs.ts";
import { createWorld, type EngineWorld } from "../../../test/engine/world.ts";
import { buildFlow, type TaskDraft } from "../../../test/flow-builder.ts";
import { shell } from "../../../test/task-drafts.ts";
import { NO_RETRY, type ParamSchema } from "../../core/flow/spec.ts";
import type { Manifest } from "../../core/run/manifest.ts";
import { inTransaction } from "../../db/transaction.ts";
import { cancelRun } from "../settle/settle.ts";
import { prepareRerun, startRerun } from "./start-rerun.ts";

const interval = { start: "2012-01-05T00:00:00.000Z", end: "2012-01-06T00:00:00.000Z" };

let world: EngineWorld;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => {
  expect(await world.finish()).toEqual([]);
  await world.remove();
});

const flowTask = (flow: string, more: TaskDraft = {}, params = {}): TaskDraft => ({
  type: "flow",
  with: { flow, params },
  ...more,
});

/** Stores a flow of which one run may be active at a time. */
async function single(
  id: string,
  tasks: Record<string, TaskDraft>,
  params: Record<string, ParamSchema> = {},
): Promise<StoredFlow> {
  const flow = buildFlow(id, tasks, params);
  return storeFlow(world.pool, { ...flow, spec: { ...flow.spec, concurrency: 1 } });
}

interface Called {
  id: string;
  flow: string;
  state: string;
  trigger: string;
  task: string;
  try: number;
  hash: string;
  params: Record<string, unknown>;
  parent: string | null;
  start: Date | null;
  manifest: string;
}

async function calledBy(runId: string): Promise<Called[]> {
  const { rows } = await world.pool.query<Called>(
    `select r.id, r.flow_id as flow, r.state, r.trigger, r.caller_task as task, r.caller_try as try,
            v.hash, r.params, r.parent_id as parent, r.interval_start as start, m.text as manifest
       from run r join revision v on v.id = r.revision_id join manifest m on m.identity = r.identity
      where r.caller_run_id = $1 order by r.id`,
    [runId],
  );
  return rows;
}

/** Notices about these flows, oldest first, with the first error of their runs. */
async function toldOf(...flows: string[]) {
  const { rows } = await world.pool.query<Record<"event" | "flow" | "run" | "message", string>>(
    `select n.event, n.flow_id as flow, n.run_id as run, r.first_error ->> 'message' as message
       from notice n join run r on r.id = n.run_id where n.flow_id = any($1::text[]) order by n.id`,
    [flows],
  );
  return rows;
}

const startRunner = (env: Record<string, string> = {}) =>
  world.startRunner({ IDEM_SLOTS: "1", ...quickLease, ...env });

const gate = (name: string) => `until [ -e "$IDEM_DATA/${name}" ]; do sleep 0.05; done`;
const open = (name: string) => `: > "$IDEM_DATA/${name}"`;
/** Prints the interval's day, as the output of a task. */
const say = (text: string) => `echo '"${text}"' > "$IDEM_OUTPUT"`;

it("runs a flow that runs a flow, once, across kills, as pinned at the start", async () => {
  const grand = await single(
    "grand",
    { last: shell(`${gate("go")}; ${say("{{ params.n }}")}`) },
    { n: { type: "integer" } },
  );
  const child = await single(
    "child",
    { calls: flowTask("grand", {}, { n: "{{ params.n }}" }) },
    { n: { type: "integer" }, unused: { type: "string", default: "as ever" } },
  );
  const parent = await single("parent", {
    first: shell(say("7")),
    calls: flowTask("child", { needs: ["first"] }, { n: "{{ tasks.first.output }}" }),
    last: shell(say("{{ tasks.calls.output.outputs.calls.outputs.last }}"), { needs: ["calls"] }),
  });
  // The first runner dies within the transaction that makes the child.
  const doomed = await startRunner({ IDEM_FAULT_POINT: "within-flow-call" });
  const runId = await startRun(world.pool, parent, { interval });
  await doomed.exit();
  expect(await calledBy(runId)).toEqual([]);
  await storeFlow(world.pool, buildFlow("grand", { other: {} }));

  // The second one dies while both flow tasks wait.
  const second = await startRunner();
  const [one] = await until("the child", async () => {
    const called = await calledBy(runId);
    return called.length > 0 && called;
  });
  const [two] = await until("the grandchild to run", async () => {
    const called = await calledBy(one?.id ?? "");
    return called[0]?.state === "running" && called;
  });
  second.kill("SIGKILL");
  await second.exit();
  await storeFlow(world.pool, buildFlow("opens", { opens: shell(open("go")) })).then((stored) =>
    startRun(world.pool, stored),
  );
  // One slot, taken by what waits for the gate: the other task needs a second one.
  await startRunner();
  await startRunner();
  expect(await awaitRun(world.pool, runId)).toMatchObject({ state: "succeeded" });

  const children = await calledBy(runId);
  expect(children).toMatchObject([
    { id: one?.id, flow: "child", state: "succeeded", trigger: "flow", task: "calls", try: 1 },
  ]);
  expect(children[0]).toMatchObject({ params: { n: 7, unused: "as ever" }, hash: child.flow.hash });
  expect(children[0]?.start?.toISOString()).toBe(interval.start);
  const grandchildren = await calledBy(one?.id ?? "");
  expect(grandchildren).toMatchObject([{ id: two?.id, hash: grand.flow.hash, params: { n: 7 } }]);
  const pins = (text: string | undefined) => (JSON.parse(text ?? "{}") as Manifest).flows;
  expect(pins(children[0]?.manifest)).toEqual({ grand: grand.flow.hash });
  expect(Object.hasOwn(JSON.parse(grandchildren[0]?.manifest ?? "{}"), "flows")).toBe(false);
  const { rows } = await world.pool.query(
    "select output from task_output where run_id = $1 and ordinal = 1",
    [runId],
  );
  expect(rows).toMatchObject([{ output: { run: one?.id, state: "succeeded" } }]);

  // The same run again: the same revisions, whatever has been published since.
  const again = await inTransaction(world.pool, async (client) => {
    const prepared = await prepareRerun(client, { id: runId, scope: "all" });
    expect(prepared.plan.certificate).toMatchObject({ verdict: "identical" });
    const order = { createdBy: "test", idempotencyKey: "again", requestHash: "again" };
    return startRerun(client, prepared, order);
  });
  expect(await awaitRun(world.pool, again.id)).toMatchObject({ state: "succeeded" });
  const [anew] = await calledBy(again.id);
  expect(await calledBy(anew?.id ?? "")).toMatchObject([{ hash: grand.flow.hash }]);
  expect(anew?.id).not.toBe(one?.id);
});

it("fails with the first error of its run, and tries again what failed there", async () => {
  await storeFlow(
    world.pool,
    buildFlow("fragile", {
      fine: shell(say("fine")),
      breaks: shell(
        `[ -e "$IDEM_DATA/second" ] && exit 0; ${open("second")}; echo it broke >&2; exit 3`,
        { needs: ["fine"] },
      ),
    }),
  );
  const stored = await storeFlow(
    world.pool,
    buildFlow("tries", {
      calls: flowTask("fragile", { retry: { ...NO_RETRY, attempts: 2, delayMs: 10 } }),
    }),
  );
  const runId = await startRun(world.pool, stored);
  expect(await awaitRun(world.pool, runId)).toMatchObject({ state: "succeeded", recovered: true });
  const [failed, again, ...more] = await calledBy(runId);
  expect(more).toEqual([]);
  expect([failed, again]).toMatchObject([
    { state: "failed", try: 1, trigger: "flow", parent: null },
    { state: "succeeded", try: 2, trigger: "rerun", parent: failed?.id },
  ]);
  const [attempt] = await readAttempts(world.pool, runId);
  expect(attempt?.error).toMatchObject({
    kind: "flow",
    message: `Run ${failed?.id} of fragile failed: breaks: it broke`,
    // The first line of its log says which run it was.
    line: 2,
  });
  expect((await readTasks(world.pool, again?.id ?? "")).map(({ state }) => state)).toEqual([
    "reused",
    "succeeded",
  ]);
  expect(await toldOf("fragile", "tries")).toEqual([]);
});

it("tells of a failure once: by the run of the task, which names the run inside", async () => {
  await storeFlow(world.pool, buildFlow("inside", { breaks: shell("echo no input >&2; exit 1") }));
  const outer = await storeFlow(world.pool, buildFlow("outside", { calls: flowTask("inside") }));
  const runId = await startRun(world.pool, outer);
  const { state } = await awaitRun(world.pool, runId);
  const [called] = await calledBy(runId);
  expect([state, called?.state]).toEqual(["failed", "failed"]);
  const message = `Run ${called?.id} of inside failed: breaks: no input`;
  expect(await toldOf("inside", "outside")).toEqual([
    { event: "failed", flow: "outside", run: runId, message },
  ]);
  // Somebody who runs it again by hand waits for the end of that run.
  const again = await inTransaction(world.pool, async (client) => {
    const prepared = await prepareRerun(client, { id: called?.id ?? "", scope: "all" });
    const order = { createdBy: "test", idempotencyKey: "by hand", requestHash: "by hand" };
    return startRerun(client, prepared, order);
  });
  await awaitRun(world.pool, again.id);
  expect(await toldOf("inside")).toMatchObject([{ flow: "inside", run: again.id }]);
});

it("takes its run along when it is cancelled and when its time is up", async () => {
  await storeFlow(world.pool, buildFlow("endless", { waits: shell(gate("never")) }));
  const calling = await storeFlow(world.pool, buildFlow("calling", { calls: flowTask("endless") }));
  const timed = await storeFlow(
    world.pool,
    buildFlow("timed", { calls: flowTask("endless", { timeoutMs: 300 }) }),
  );
  const cancelled = await startRun(world.pool, calling);
  await until("its run", async () => (await calledBy(cancelled))[0]?.state === "running");
  await cancelRun(world.pool, cancelled, "test");
  expect(await awaitRun(world.pool, cancelled)).toMatchObject({ state: "cancelled" });
  const late = await startRun(world.pool, timed);
  expect(await awaitRun(world.pool, late)).toMatchObject({ state: "failed" });
  for (const run of [...(await calledBy(cancelled)), ...(await calledBy(late))]) {
    await awaitRun(world.pool, run.id);
    expect(await readRun(world.pool, run.id)).toMatchObject({ state: "cancelled" });
  }
  expect((await readAttempts(world.pool, late))[0]).toMatchObject({ state: "timed_out" });
});

import { createHash, randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { operator } from "#server/auth/actor.ts";
import type { ScheduleSpec } from "#server/core/flow/spec.ts";
import { inTransaction } from "#server/db/transaction.ts";
import { storeFlow } from "#server/usecases/flows/store.ts";
import {
  pauseSchedule,
  resumeSchedule,
  runScheduleNow,
} from "#server/usecases/schedules/control.ts";
import { buildFlow, type TaskDraft } from "../../../test/flow-builder.ts";
import { changedHistory, readHistory } from "../../../test/invariants/invariants.ts";
import { sharedDatabase, sharedRunner } from "../../../test/shared-database.ts";
import { hashAnew } from "../../../test/task-drafts.ts";
import { cancelRun, cancelTask } from "./cancel.ts";
import { createRun } from "./create.ts";
import { getDraft } from "./draft.ts";
import { createRunInput, listRunsInput } from "./inputs.ts";
import { getTaskIo } from "./io.ts";
import { getManifest, getRun, listRuns } from "./read.ts";
import { getRerunPlan, rerun } from "./rerun.ts";

const database = sharedDatabase();
const { deps } = database;
const runner = sharedRunner(database);

let flow: string;

beforeEach(() => {
  flow = `flow-${randomUUID()}`;
});

const params = {
  day: { type: "string", format: "date", default: "2015-01-01" },
  count: { type: "integer", minimum: 1 },
};

async function store(tasks: Record<string, TaskDraft>, id = flow): Promise<void> {
  await inTransaction(deps.pool, (client) =>
    storeFlow(client, buildFlow(id, tasks, params), "push", operator.name),
  );
}

const start = (over: Record<string, unknown> = {}) =>
  createRun(
    deps,
    operator,
    createRunInput.parse({ flow, params: { count: 3 }, idempotencyKey: randomUUID(), ...over }),
  );

const chain: Record<string, TaskDraft> = {
  extract: {},
  check: { needs: ["extract"] },
  publish: { needs: ["check"] },
};

async function startRerun(id: string, scope: string, over: Record<string, unknown> = {}) {
  const plan = await getRerunPlan(deps, operator, { id, scope });
  const input = { id, scope, planHash: plan.hash, idempotencyKey: randomUUID(), ...over };
  return { plan, ...(await rerun(deps, operator, input)) };
}

const states = async (id: string) =>
  Object.fromEntries((await getRun(deps, operator, id)).tasks.map((t) => [t.id, t.state]));

/** Everything that may never change once written, in one hash. */
async function historyHash(upTo: string): Promise<string> {
  const hash = createHash("sha256");
  for (const query of [
    "select * from revision order by id",
    "select * from manifest order by identity",
    `select * from attempt where run_id <= ${upTo} order by run_id, ordinal, attempt`,
    `select * from task_output where run_id <= ${upTo} order by run_id, ordinal`,
    `select * from run_event where run_id <= ${upTo} order by id`,
    `select * from task_run where run_id <= ${upTo} order by run_id, ordinal`,
    `select * from run where id <= ${upTo} order by id`,
  ]) {
    hash.update(JSON.stringify((await deps.pool.query(query)).rows));
  }
  return hash.digest("hex");
}

describe("createRun", () => {
  it("fills in defaults, fixes the manifest before the first task, and runs to the end", async () => {
    await store(chain);
    const run = await start();
    expect(run).toMatchObject({ state: "queued", params: { day: "2015-01-01", count: 3 } });
    const manifest = await getManifest(deps, operator, run.id);
    expect(manifest.identity).toBe(run.identity);
    expect(manifest.recomputed).toBe(run.identity);
    expect(JSON.parse(manifest.text)).toMatchObject({ flow, params: { count: 3 } });

    expect(await runner.drain()).toEqual(["extract", "check", "publish"]);
    expect((await getRun(deps, operator, run.id)).state).toBe("succeeded");
  });

  it("makes one run of a repeated request and refuses the key for another", async () => {
    await store(chain);
    const idempotencyKey = randomUUID();
    const runs = await Promise.all(Array.from({ length: 8 }, () => start({ idempotencyKey })));
    expect(new Set(runs.map((run) => run.id)).size).toBe(1);
    await expect(start({ idempotencyKey, params: { count: 4 } })).rejects.toMatchObject({
      code: "IDEMPOTENCY_MISMATCH",
    });
    await runner.drain();
  });

  it.each([
    { given: {}, why: "a required parameter is missing" },
    { given: { count: 0 }, why: "below the minimum" },
    { given: { count: 1, day: "yesterday" }, why: "not a date" },
    { given: { count: 1, extra: true }, why: "an unknown parameter" },
  ])("refuses $given and stores nothing: $why", async ({ given }) => {
    await store(chain);
    await expect(start({ params: given })).rejects.toMatchObject({ code: "INVALID_PARAMS" });
    expect((await listRuns(deps, operator, { filter: { flow }, limit: 5 })).items).toEqual([]);
  });

  it("starts the revision that was named, not the latest", async () => {
    await store(chain);
    await store({ only: {} });
    expect((await start({ revision: 1 })).tasks).toHaveLength(3);
    expect((await start()).tasks).toHaveLength(1);
    await expect(start({ revision: 3 })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await runner.drain();
  });

  it("starts the current revision of a flow that was run before and has changed since", async () => {
    await store(chain);
    // The first start reads the revision, the second one knows it.
    for (const _ of [1, 2]) expect((await start()).revision).toBe(1);
    await store({ extract: {} });
    expect(await start()).toMatchObject({ revision: 2, tasks: [{ id: "extract" }] });

    // What the revision before refuses is for the current one to decide.
    await inTransaction(deps.pool, (client) =>
      storeFlow(client, buildFlow(flow, chain, {}), "push", operator.name),
    );
    expect(await start({ params: {} })).toMatchObject({ revision: 3, params: {} });
    await expect(start()).rejects.toMatchObject({ code: "INVALID_PARAMS" });
    await deps.pool.query("update flow set archived_at = now() where id = $1", [flow]);
    await expect(start({ params: {} })).rejects.toMatchObject({ code: "FLOW_ARCHIVED" });
  });

  it("keeps the run whose values it started from, and refuses one that there is not", async () => {
    await store(chain);
    const first = await start();
    const changed = await start({ params: { count: 4 }, from: first.id });
    expect(changed).toMatchObject({ trigger: "changes", changedFrom: first.id, parent: null });
    // A flow with a limit goes the way of batches.
    await inTransaction(deps.pool, (client) => {
      const limited = buildFlow(flow, chain, params);
      limited.spec.concurrency = 1;
      hashAnew(limited);
      return storeFlow(client, limited, "push", operator.name);
    });
    expect((await start({ from: changed.id })).changedFrom).toBe(changed.id);
    expect((await start()).changedFrom).toBeNull();
    await expect(start({ from: "999999999" })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("decides conditions of tasks without needs when the run starts", async () => {
    await store({ never: { if: "params.count == 99" }, always: {} });
    const run = await start();
    expect(await states(run.id)).toMatchObject({ never: "skipped" });
    await runner.drain();
    expect((await getRun(deps, operator, run.id)).state).toBe("succeeded");
  });
});

describe("a flow that reads its interval", () => {
  const daily: ScheduleSpec = {
    ...{ cron: "0 2 * * *", timezone: "Asia/Seoul", catchup: "latest", overlap: "queue" },
    params: { count: 1 },
  };
  const reading = { report: { type: "shell", with: { run: "echo {{ interval.start }}" } } };
  const storeScheduled = (tasks: Record<string, TaskDraft>) =>
    inTransaction(deps.pool, (client) =>
      storeFlow(client, buildFlow(flow, tasks, params, [daily]), "push", operator.name),
    );
  const day = { start: "2026-03-08T17:00:00.000Z", end: "2026-03-09T17:00:00.000Z" };

  it("is not started without one, and nothing is stored", async () => {
    await storeScheduled(reading);
    await expect(start()).rejects.toMatchObject({
      code: "INTERVAL_REQUIRED",
      message: expect.stringContaining('task "report" reads interval.start'),
      fix: expect.stringContaining("--interval-start"),
      data: { flow, task: "report", variable: "interval.start" },
    });
    const { items } = await listRuns(deps, operator, listRunsInput.parse({ filter: { flow } }));
    expect(items).toEqual([]);
    expect((await start({ interval: day })).interval).toEqual(day);
  });

  it("starts from the newest whole step of its schedule, and in its zone", async () => {
    await storeScheduled(reading);
    const draft = await getDraft(deps, operator, { flow });
    expect(draft).toMatchObject({ needsInterval: true, timezone: "Asia/Seoul" });
    const { start: from = "", end: to = "" } = draft.interval ?? {};
    expect(Date.parse(to) - Date.parse(from)).toBe(24 * 3_600_000);
    expect(Date.now() - Date.parse(to)).toBeGreaterThanOrEqual(0);
    expect(Date.now() - Date.parse(to)).toBeLessThan(24 * 3_600_000);
    expect(to).toMatch(/T17:00:00.000Z$/);

    const run = await start({ interval: day });
    expect(run.timezone).toBe("Asia/Seoul");
    expect((await start({ interval: day, timezone: "UTC" })).timezone).toBe("UTC");
    const again = await getDraft(deps, operator, { flow, from: run.id });
    expect(again.interval).toEqual(day);
  });

  it("is another one without such a template", async () => {
    await storeScheduled(chain);
    expect(await getDraft(deps, operator, { flow })).toMatchObject({
      needsInterval: false,
      interval: null,
    });
    expect((await start()).timezone).toBe("Asia/Seoul");
  });
});

describe("a run that failed", () => {
  it("keeps the name that its revision gives the task", async () => {
    const failed = async (name?: string) => {
      const check = { needs: ["extract"], ...(name === undefined ? {} : { name }) };
      await store({ ...chain, check });
      const run = await start();
      await runner.drain({ check: "fail" });
      return (await getRun(deps, operator, run.id)).firstError;
    };
    expect(await failed("Check the rows")).toMatchObject({
      task: "check",
      name: "Check the rows",
    });
    expect(await failed()).not.toHaveProperty("name");
  });
});

describe("rerun", () => {
  it("runs the failed task and what depends on it, reuses the rest, with an equal identity", async () => {
    await store(chain);
    const parent = await start();
    await runner.drain({ extract: { output: { rows: 31 } }, check: "fail" });
    expect(await states(parent.id)).toEqual({
      extract: "succeeded",
      check: "failed",
      publish: "upstream_failed",
    });
    const before = await historyHash(parent.id);

    const { id, plan, certificate } = await startRerun(parent.id, "failed");
    expect(plan.counts).toEqual({ run: 2, reuse: 1, skip: 0 });
    expect(certificate).toMatchObject({ verdict: "identical", identity: parent.identity });
    expect(await runner.drain()).toEqual(["check", "publish"]);

    const child = await getRun(deps, operator, id);
    expect(child).toMatchObject({
      state: "succeeded",
      parent: parent.id,
      identity: parent.identity,
      params: parent.params,
      revisionHash: parent.revisionHash,
      certificate,
    });
    expect(child.tasks.map((t) => [t.id, t.state, t.reusedFrom])).toEqual([
      ["extract", "reused", parent.id],
      ["check", "succeeded", null],
      ["publish", "succeeded", null],
    ]);
    const texts = await Promise.all([parent.id, id].map((r) => getManifest(deps, operator, r)));
    expect(texts[0]?.text).toBe(texts[1]?.text);
    expect(await historyHash(parent.id)).toBe(before);
  });

  it("stays on the parent's revision after the flow has changed, and follows reuse to its origin", async () => {
    await store(chain);
    const first = await start();
    await runner.drain({ publish: "fail" });
    await store({ ...chain, extra: { needs: ["publish"] } });
    const second = await startRerun(first.id, "failed");
    await runner.drain({ publish: "fail" });
    const third = await startRerun(second.id, "failed");
    await runner.drain();
    const run = await getRun(deps, operator, third.id);
    expect(run).toMatchObject({ state: "succeeded", revision: 1, identity: first.identity });
    expect(run.tasks.map((t) => t.reusedFrom)).toEqual([first.id, first.id, null]);
  });

  it.each([
    {
      table: "run",
      damage: `update run set params = '{"who":"mallory"}' where id = $1`,
      field: "params.who",
    },
    {
      table: "revision",
      damage: `update revision set spec = jsonb_set(spec, '{owner}', '"mallory"')
                where id = (select revision_id from run where id = $1)`,
      field: "revision",
    },
    {
      table: "manifest",
      damage: `update manifest set text = replace(text, '"timezone":"UTC"', '"timezone":"Asia/Seoul"')
                where identity = (select identity from run where id = $1)`,
      field: "timezone",
    },
  ])(
    "is refused, naming $field, when the $table is not what it was",
    async ({ table, damage, field }) => {
      await store(chain);
      const parent = await start();
      await runner.drain({ check: "fail" });
      // Whoever goes past the database's own guard is found by the certificate.
      await inTransaction(deps.pool, async (client) => {
        await client.query(`alter table ${table} disable trigger user`);
        const { rowCount } = await client.query(damage, [parent.id]);
        expect(rowCount).toBe(1);
        await client.query(`alter table ${table} enable trigger user`);
      });
      const plan = await getRerunPlan(deps, operator, { id: parent.id, scope: "failed" });
      expect(plan.certificate).toMatchObject({
        verdict: "different",
        differences: expect.arrayContaining([expect.objectContaining({ field })]),
      });
      await expect(
        rerun(deps, operator, {
          id: parent.id,
          scope: "failed",
          planHash: plan.hash,
          idempotencyKey: randomUUID(),
        }),
      ).rejects.toMatchObject({
        code: "IDENTITY_DIFFERS",
        message: expect.stringContaining(field),
      });
      const children = await deps.pool.query("select from run where parent_id = $1", [parent.id]);
      expect(children.rowCount).toBe(0);
    },
  );

  it("makes one run of a double click and refuses a plan that is out of date", async () => {
    await store(chain);
    const parent = await start();
    await runner.drain({ check: "fail" });
    const plan = await getRerunPlan(deps, operator, { id: parent.id, scope: "failed" });
    const input = {
      id: parent.id,
      scope: "failed",
      planHash: plan.hash,
      idempotencyKey: randomUUID(),
    };
    const twice = await Promise.all([rerun(deps, operator, input), rerun(deps, operator, input)]);
    expect(twice[0].id).toBe(twice[1].id);
    await expect(
      rerun(deps, operator, {
        ...input,
        planHash: "0".repeat(64),
        idempotencyKey: randomUUID(),
      }),
    ).rejects.toMatchObject({ code: "STALE_PLAN", data: { hash: plan.hash } });
    await runner.drain();
  });

  it("asks for a reason before it repeats an effect that cannot be replaced, and records it", async () => {
    await store({
      send: { writes: { mode: "external" } },
      report: { needs: ["send"] },
    });
    const parent = await start();
    await runner.drain();
    await expect(startRerun(parent.id, "all")).rejects.toMatchObject({
      code: "GUARD_REASON_REQUIRED",
      data: { tasks: ["send"] },
    });
    const { id } = await startRerun(parent.id, "all", { reason: "the receiver lost the message" });
    const child = await getRun(deps, operator, id);
    expect(child.reason).toBe("the receiver lost the message");
    await runner.drain();
  });

  it("refuses a live run", async () => {
    await store(chain);
    const run = await start();
    await expect(getRerunPlan(deps, operator, { id: run.id, scope: "all" })).rejects.toMatchObject({
      code: "INVALID_INPUT",
    });
    await runner.drain();
  });

  it("decides the tasks after a failure anew", async () => {
    await store({
      work: {},
      cleanup: { needs: ["work"], if: "failure()" },
      report: { needs: ["cleanup"] },
    });
    const parent = await start();
    await runner.drain({ work: "fail" });
    expect(await states(parent.id)).toEqual({
      work: "failed",
      cleanup: "succeeded",
      report: "succeeded",
    });
    const { id } = await startRerun(parent.id, "failed");
    await runner.drain();
    expect(await states(id)).toEqual({ work: "succeeded", cleanup: "skipped", report: "skipped" });
  });
});

describe("what went into a task", () => {
  const load: TaskDraft = {
    needs: ["find"],
    type: "shell",
    env: { DAY: "{{ params.day }}" },
    with: { run: "load {{ tasks.find.output.file }}" },
    writes: { mode: "replace_partition", dataset: "rows", partition: "{{ params.day }}" },
  };

  it("is shown as written before it runs, and as its attempt saw it afterwards", async () => {
    await store({ find: {}, load });
    const { id } = await start();
    const look = () => getTaskIo(deps, operator, { id, task: "load" });
    const { with: settings, env, writes } = load;
    expect(await look()).toMatchObject({ with: settings, env, writes, rendered: null });
    await runner.drain({ find: { output: { file: "a.csv" } } });
    expect(await look()).toMatchObject({
      inputs: [{ task: "find", output: { file: "a.csv" } }],
      rendered: {
        with: { run: "load a.csv" },
        env: { DAY: "2015-01-01" },
        writes: { mode: "replace_partition", dataset: "rows", partition: "2015-01-01" },
      },
    });
  });

  it("is shown for one task run of a list, with what that alone got and returned", async () => {
    const over = "tasks.find.output.names";
    const with_ = { run: "load {{ item }} as no. {{ index }}" };
    await store({
      find: {},
      load: { needs: ["find"], type: "shell", with: with_, forEach: { over } },
    });
    const { id } = await start();
    const look = (item?: number) =>
      getTaskIo(deps, operator, { id, task: "load", ...(item === undefined ? {} : { item }) });
    expect(await look(1)).toMatchObject({ each: null, rendered: null });
    await runner.drain({ find: { output: { names: ["a", "b"] } }, "load[1]": { output: 7 } });
    expect(await look()).toMatchObject({ each: null, rendered: null, output: [null, 7] });
    expect(await look(1)).toMatchObject({
      each: { index: 1, value: "b", output: 7 },
      rendered: { with: { run: "load b as no. 1" } },
      output: [null, 7],
    });
    expect(await look(2)).toMatchObject({ each: null });
  });

  it("stays as written where a template has no value", async () => {
    await store({ find: {}, load });
    const { id } = await start();
    await runner.drain();
    expect(await getTaskIo(deps, operator, { id, task: "load" })).toMatchObject({
      env: load.env,
      rendered: null,
    });
  });
});

describe("cancelRun", () => {
  it("ends what has not started, keeps what succeeded, and can be rerun from there", async () => {
    await store(chain);
    const run = await start();
    await cancelRun(deps, operator, { id: run.id });
    expect(await states(run.id)).toEqual({
      extract: "cancelled",
      check: "cancelled",
      publish: "cancelled",
    });
    expect((await getRun(deps, operator, run.id)).state).toBe("cancelled");
    await expect(cancelRun(deps, operator, { id: run.id })).rejects.toMatchObject({
      code: "ALREADY_ENDED",
    });
    const { id } = await startRerun(run.id, "failed");
    await runner.drain();
    expect((await getRun(deps, operator, id)).state).toBe("succeeded");
  });
});

describe("history", () => {
  it("is the same after every verb", async () => {
    const daily: ScheduleSpec = {
      ...{ cron: "0 2 * * *", timezone: "UTC", catchup: "none", overlap: "queue" },
      params: { count: 1 },
    };
    const publish = (tasks: Record<string, TaskDraft>) =>
      inTransaction(deps.pool, (client) =>
        storeFlow(client, buildFlow(flow, tasks, params, [daily]), "push", operator.name),
      );
    await publish(chain);
    const failed = (await start()).id;
    await runner.drain({ check: "fail" });
    const tick = { flow, key: "1" };
    const key = () => ({ idempotencyKey: randomUUID() });
    const live = async () => (await start()).id;
    const verbs: Record<string, () => Promise<unknown>> = {
      run: () => start(),
      "run with changes": () => start({ params: { count: 4 }, from: failed }),
      "rerun all": () => startRerun(failed, "all"),
      "rerun failed": () => startRerun(failed, "failed"),
      "rerun from": () => startRerun(failed, "from:check"),
      "cancel a run": async () => cancelRun(deps, operator, { id: await live() }),
      "cancel a task": async () =>
        cancelTask(deps, operator, { id: await live(), task: "extract" }),
      "push a revision": () => publish({ ...chain, more: {} }),
      "pause a schedule": () => pauseSchedule(deps, operator, tick),
      "resume a schedule": () => resumeSchedule(deps, operator, tick),
      "run a schedule now": () => runScheduleNow(deps, operator, { ...tick, ...key() }),
      archive: () => deps.pool.query("update flow set archived_at = now() where id = $1", [flow]),
    };
    for (const [verb, act] of Object.entries(verbs)) {
      const before = await readHistory(deps.pool);
      expect(before.size).toBeGreaterThan(5);
      await act();
      await runner.drain();
      expect(changedHistory(before, await readHistory(deps.pool)), verb).toEqual([]);
    }
    expect(await states(failed)).toEqual({
      extract: "succeeded",
      check: "failed",
      publish: "upstream_failed",
    });
  });

  it("is refused to change by the database itself", async () => {
    await store(chain);
    const run = await start();
    await runner.drain({ check: "fail" });
    for (const statement of [
      `update attempt set state = 'succeeded' where run_id = ${run.id}`,
      `delete from attempt where run_id = ${run.id}`,
      `update run set params = '{}' where id = ${run.id}`,
      `update run set identity = identity || 'x' where id = ${run.id}`,
      `update run set state = 'succeeded' where id = ${run.id}`,
      `update task_run set state = 'ready' where run_id = ${run.id}`,
      "update manifest set text = '{}'",
      "delete from revision",
    ]) {
      await expect(deps.pool.query(statement), statement).rejects.toThrow(/history of/);
    }
  });
});

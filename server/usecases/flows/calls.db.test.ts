/** Flows that name each other: refused in a circle, and when a run would meet one that is not there. */
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { operator } from "#server/auth/actor.ts";
import { AppError } from "#server/core/errors.ts";
import { findRevision } from "#server/db/flow/revisions.ts";
import { inTransaction } from "#server/db/transaction.ts";
import { cancelForsaken } from "#server/engine/execute/call-flow.ts";
import { startRun } from "#server/engine/start/start-runs.ts";
import { createTestFolder, type TestFolder } from "#server/flow-sources/testing/folder-kit.ts";
import { backfillPlanInput } from "#server/usecases/backfills/inputs.ts";
import { planBackfill } from "#server/usecases/backfills/plan.ts";
import { createRun } from "#server/usecases/runs/create.ts";
import { getChanges, getDraft } from "#server/usecases/runs/draft.ts";
import { createRunInput, listRunsInput } from "#server/usecases/runs/inputs.ts";
import { getManifest, getRun, listRuns } from "#server/usecases/runs/read.ts";
import { sharedDatabase } from "../../../test/shared-database.ts";
import { definitionInput } from "./inputs.ts";
import { pushFlow, validateFlow } from "./push.ts";
import { getFlow } from "./read.ts";
import { syncFlows } from "./sync.ts";

const database = sharedDatabase();
const { deps } = database;

let folder: TestFolder;

beforeEach(() => {
  folder = createTestFolder();
});
afterEach(() => folder.close());

/** A flow whose tasks run others, or do nothing. */
const calling = (id: string, ...called: string[]) =>
  `id: ${id}\ntasks:\n  only: { type: noop }\n${called
    .map((flow, n) => `  t${n}:\n    type: flow\n    flow: ${flow}\n`)
    .join("")}`;

const push = (text: string) =>
  pushFlow(
    deps,
    operator,
    definitionInput.parse({ format: "yaml", path: "a.yaml", text, files: [] }),
  );

const start = (flow: string, over: object = {}) =>
  createRun(
    deps,
    operator,
    createRunInput.parse({ flow, params: {}, idempotencyKey: randomUUID(), ...over }),
  );

async function refusal(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof AppError)) throw new Error(`Not refused: ${error}`);
  return error;
}

describe("flows that run each other", () => {
  it("are refused with the path, at the task that closes the circle", async () => {
    await push(calling("one", "two"));
    await push(calling("two", "three"));
    const error = await refusal(push(calling("three", "elsewhere", "one")));
    expect(error.code).toBe("INVALID_DEFINITION");
    expect(error.problems).toMatchObject([
      {
        code: "CYCLE",
        message: "Flows run each other: three → one → two → three.",
        position: { line: 9, column: 11 },
      },
    ]);
    const { rows } = await database.pool.query("select id from flow where id = 'three'");
    expect(rows).toEqual([]);
  });

  it("cannot close a circle at the same moment", async () => {
    const both = await Promise.allSettled([
      push(calling("left", "right")),
      push(calling("right", "left")),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  it("are refused in the folder, and taken in once the others allow it", async () => {
    folder.put("a.yaml", calling("file-a", "file-b"));
    folder.put("b.yaml", calling("file-b", "file-a"));
    expect(await syncFlows(deps, folder.path)).toMatchObject({
      stored: ["file-a"],
      broken: ["b.yaml"],
    });
    const stored = "select problems from flow_source where path = 'b.yaml'";
    expect((await database.pool.query(stored)).rows[0].problems).toMatchObject([
      { code: "CYCLE", position: { file: "b.yaml", line: 6, column: 11 } },
    ]);
    // Sorted before the other one, so that what stands against it changes after it was looked at.
    folder.put("a.yaml", calling("file-a"));
    await syncFlows(deps, folder.path);
    expect((await database.pool.query(stored)).rows[0].problems).toEqual([]);
    folder.put("a.yaml", calling("file-a", "file-c"));
    folder.put("c.yaml", calling("file-c"));
    folder.put("b.yaml", calling("file-b", "file-a"));
    expect((await syncFlows(deps, folder.path)).broken).toEqual([]);
  });
});

describe("flows that are not there yet", () => {
  it("are warned of at the task that names them, and come later without a word", async () => {
    const warnings = [
      {
        code: "UNKNOWN_FLOW",
        task: "t0",
        flow: "later",
        message: 'The task "t0" runs the flow "later", which does not exist.',
        position: { file: "a.yaml", line: 6, column: 11 },
      },
    ];
    const text = calling("early", "later");
    const input = definitionInput.parse({ format: "yaml", path: "a.yaml", text, files: [] });
    expect(await validateFlow(deps, operator, input)).toMatchObject({ warnings });
    expect(await push(text)).toMatchObject({ id: "early", warnings });
    expect((await getFlow(deps, operator, "early")).unmetCalls).toEqual([
      { task: "t0", flow: "later", archived: false },
    ]);

    await push(calling("later"));
    expect((await push(text)).warnings).toEqual([]);
    expect((await getFlow(deps, operator, "early")).unmetCalls).toEqual([]);

    await database.pool.query("update flow set archived_at = now() where id = 'later'");
    expect((await push(text)).warnings).toMatchObject([{ code: "ARCHIVED_FLOW", flow: "later" }]);
    expect((await getFlow(deps, operator, "early")).unmetCalls).toMatchObject([{ archived: true }]);
  });
});

describe("in every format", () => {
  const yaml = `id: from-yaml
params: { day: { type: string, default: monday } }
tasks:
  call:
    type: flow
    flow: called-by-all
    params: { day: "{{ params.day }}", rows: 3 }
`;
  const xml = `<flow id="from-xml">
  <param name="day" type="string" default="monday"/>
  <task id="call" type="flow" flow="called-by-all">
    <params as="json">{ "day": "{{ params.day }}", "rows": 3 }</params>
  </task>
</flow>
`;
  const typescript = `import { flow } from "idem";
export default flow({
  id: "from-ts",
  params: { day: { type: "string", default: "monday" } },
  tasks: {
    call: {
      type: "flow",
      flow: "called-by-all",
      params: { day: "{{ params.day }}", rows: 3 },
    },
  },
});
`;

  it.each([
    { id: "from-yaml", file: "all.yaml", text: yaml, line: 6 },
    { id: "from-xml", file: "all.xml", text: xml, line: 3 },
    { id: "from-ts", file: "all.flow.ts", text: typescript, line: 8 },
  ])(
    "a task of $file runs the same flow, and closes a circle at its place",
    async ({ id, file, text, line }) => {
      folder.put(file, text);
      expect(await syncFlows(deps, folder.path)).toMatchObject({ stored: [id], broken: [] });
      const revision = await findRevision(database.pool, id, null);
      expect(revision?.spec.tasks.call).toMatchObject({
        type: "flow",
        with: { flow: "called-by-all", params: { day: "{{ params.day }}", rows: 3 } },
      });
      expect(await refusal(start(id))).toMatchObject({
        code: "INVALID_FLOW_TASK",
        data: { flow: id, called: "called-by-all" },
      });

      folder.put("called.yaml", calling("called-by-all", id));
      folder.put(file, text.replace(/monday/, "sunday"));
      await syncFlows(deps, folder.path);
      const { rows } = await database.pool.query(
        "select path, problems from flow_source where problems::text <> '[]' and path = any($1)",
        [[file, "called.yaml"]],
      );
      expect(rows).toHaveLength(1);
      const [{ path, problems }] = rows;
      expect(problems[0]).toMatchObject({ code: "CYCLE", position: { file: path } });
      if (path === file) expect(problems[0].position.line).toBe(line);
    },
  );
});

describe("a run of a flow that runs others", () => {
  it("needs an interval when one of them reads the one that it is handed", async () => {
    const reading = "tasks:\n  read: { type: shell, run: 'echo {{ interval.start }}' }\n";
    await push(`id: reads-day\n${reading}`);
    await push(calling("hands-on", "reads-day"));
    await push(calling("hands-on-twice", "hands-on"));
    const error = await refusal(start("hands-on-twice"));
    expect(error).toMatchObject({
      code: "INTERVAL_REQUIRED",
      message:
        'A run of "hands-on-twice" needs an interval: it runs "reads-day", whose task "read" reads interval.start.',
    });
    const { rows } = await database.pool.query(
      "select 1 from run where flow_id = 'hands-on-twice'",
    );
    expect(rows).toEqual([]);
    expect(await getDraft(deps, operator, { flow: "hands-on-twice" })).toMatchObject({
      needsInterval: true,
    });
    const sets = { flow: "hands-on-twice", sets: [{}] };
    expect(
      await refusal(planBackfill(deps, operator, backfillPlanInput.parse(sets))),
    ).toMatchObject({ code: "INTERVAL_REQUIRED" });
    const interval = { start: "2026-01-01T00:00:00Z", end: "2026-01-02T00:00:00Z" };
    expect((await start("hands-on-twice", { interval })).id).toMatch(/^\d+$/);

    await push(
      `${calling("gives-own", "reads-day")}    interval: { start: 2026-01-01, end: 2026-01-02 }\n`,
    );
    expect((await start("gives-own")).id).toMatch(/^\d+$/);
  });

  it("is refused as long as one of them is missing or archived, and pins them all", async () => {
    await push(calling("top", "middle"));
    const missing = await refusal(start("top"));
    expect(missing).toMatchObject({
      code: "INVALID_FLOW_TASK",
      message: 'A run of "top" would run the flow "middle", which does not exist.',
    });
    expect(missing.fix).toContain('Push a flow "middle"');
    const middle = await push(calling("middle", "bottom"));
    const bottom = await push(calling("bottom"));
    await database.pool.query("update flow set archived_at = now() where id = 'bottom'");
    expect(await refusal(start("top"))).toMatchObject({ code: "FLOW_ARCHIVED" });
    const { rows } = await database.pool.query("select 1 from run where flow_id = 'top'");
    expect(rows).toEqual([]);
    await push(calling("bottom"));
    const run = await start("top");
    const manifest = await getManifest(deps, operator, run.id);
    expect(JSON.parse(manifest.text)).toMatchObject({
      flows: { middle: middle.hash, bottom: bottom.hash },
    });
    const newer = await push(calling("bottom", "deepest"));
    await push(calling("deepest"));
    const { changes } = await getChanges(deps, operator, { from: run.id, params: {} });
    expect(changes.map(({ path }) => path)).toEqual(
      expect.arrayContaining([expect.stringContaining("bottom")]),
    );
    expect(newer.hash).not.toBe(bottom.hash);
  });

  it("is refused where an older revision would be reached again", async () => {
    await push(calling("older", "newer"));
    await push(calling("older"));
    await push(calling("newer", "older"));
    expect(await refusal(start("older", { revision: 1 }))).toMatchObject({
      code: "INVALID_FLOW_TASK",
      message: 'The flow "older" runs itself.',
    });
    expect((await start("older")).id).toMatch(/^\d+$/);
  });
});

it("a run that its task has left behind is cancelled, and shows both ways", async () => {
  await push(calling("left-behind"));
  await push(calling("leaves", "left-behind"));
  const caller = await start("leaves");
  const revision = await findRevision(database.pool, "left-behind", null);
  const make = () =>
    inTransaction(database.pool, (client) =>
      startRun(client, {
        flowId: "left-behind",
        revisionId: revision?.id ?? "",
        revisionHash: revision?.hash ?? "",
        params: {},
        interval: null,
        timezone: "UTC",
        trigger: "flow",
        createdBy: "flow",
        idempotencyKey: null,
        requestHash: null,
        caller: { run: caller.id, ordinal: 1, task: "t0", try: 1 },
      }),
    );
  const called = await make();
  expect(called.created).toBe(true);
  expect(await make()).toEqual({ created: false, id: called.id, requestHash: null });
  expect(await cancelForsaken(database.pool, 10)).toBe(0);
  await database.pool.query(
    "update task_run set state = 'failed' where run_id = $1 and ordinal = 1",
    [caller.id],
  );
  expect(await cancelForsaken(database.pool, 10)).toBe(1);
  const left = await getRun(deps, operator, called.id);
  expect(left).toMatchObject({
    state: "cancelled",
    trigger: "flow",
    caller: { run: caller.id, flow: "leaves", task: "t0" },
  });
  expect((await getRun(deps, operator, caller.id)).calls).toEqual([
    { run: called.id, flow: "left-behind", flowName: null, task: "t0", state: "cancelled" },
  ]);
  const filtered = await listRuns(
    deps,
    operator,
    listRunsInput.parse({ filter: { trigger: ["flow"] } }),
  );
  expect(filtered.items.map(({ id }) => id)).toEqual([called.id]);
});

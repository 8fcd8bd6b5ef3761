import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Actor, operator } from "#server/auth/actor.ts";
import { claim, complete } from "#server/db/queue/queue.ts";
import { connectHot, type HotConnection } from "#server/db/queue/queue-connection.ts";
import { sampleQueue } from "#server/db/queue/queue-samples.ts";
import { drainRunner, registerRunner, renewLease, stopRunner } from "#server/db/runners.ts";
import { settleRun } from "#server/engine/settle/settle.ts";
import { releaseRuns } from "#server/engine/start/release-runs.ts";
import { registryOf } from "#server/rest/metrics.ts";
import { drain, resume, setSlots } from "#server/usecases/runners/control.ts";
import { listRunners } from "#server/usecases/runners/read.ts";
import { readRun, startRun, storeFlow } from "../../../test/engine/runs.ts";
import { buildFlow, type TaskDraft } from "../../../test/flow-builder.ts";
import { sharedDatabase } from "../../../test/shared-database.ts";
import { EndedCounter, getMetrics, type Metrics } from "../metrics.ts";
import { setPool } from "./control.ts";
import { poolInput } from "./inputs.ts";
import { getQueue, getRunWaits, listPools } from "./read.ts";

const database = sharedDatabase();
const { deps } = database;

let connection: HotConnection;
let runner: string;

beforeAll(async () => {
  connection = await connectHot(database.url, {
    name: "idem test",
    timeoutMs: 10_000,
    onError: () => {},
  });
});

afterAll(async () => {
  await connection.close();
});
beforeEach(async () => {
  await database.pool.query("truncate task_run, pool_sample, queue_sample");
  await database.pool.query("update runner set state = 'stopped' where state <> 'stopped'");
  await database.pool.query("update run set finished_at = now() where finished_at is null");
  runner = await newRunner();
});

let runners = 0;
function newRunner(slots = 2, labels: string[] = []): Promise<string> {
  runners += 1;
  const facts = { name: `r${runners}`, host: "test", pid: 1, version: "0", slots, labels };
  return registerRunner(database.pool, facts, 3_600_000);
}

let flows = 0;
async function start(tasks: Record<string, TaskDraft>, concurrency?: number): Promise<string> {
  flows += 1;
  const flow = buildFlow(`seen-${flows}`, tasks);
  const spec = concurrency === undefined ? flow.spec : { ...flow.spec, concurrency };
  const stored = await storeFlow(database.pool, { ...flow, spec });
  const run = await startRun(database.pool, stored);
  if (concurrency !== undefined) return startRun(database.pool, stored);
  return run;
}

const set = (pool: string, slots: number | null) => setPool(deps, operator, { pool, slots });
const waits = async (id: string) => {
  const { tasks } = await getRunWaits(deps, operator, { id });
  return Object.fromEntries(tasks.map((entry) => [entry.task, entry.waits]));
};

describe("getRunWaits", () => {
  it("names what keeps each task, from the same rows as the claim", async () => {
    const run = await start({
      a: { pool: "narrow" },
      b: { pool: "narrow" },
      c: { runsOn: "gpu" },
      d: { needs: ["a", "c"] },
      e: {},
    });
    await set("narrow", 1);
    await claim(connection, runner, 1);
    expect(await waits(run)).toEqual({
      b: [{ kind: "pool", pool: "narrow", slots: 1, running: 1 }],
      c: [{ kind: "label", label: "gpu" }],
      d: [{ kind: "needs", tasks: ["a", "c"] }],
      e: [{ kind: "next" }],
    });
    await set("narrow", 5);
    await claim(connection, runner, 1);
    expect(await waits(run)).toMatchObject({ e: [{ kind: "slot" }] });
    const gpu = await newRunner(1, ["gpu"]);
    expect(await waits(run)).toMatchObject({ c: [{ kind: "next" }], e: [{ kind: "next" }] });
    await stopRunner(database.pool, gpu);
    await stopRunner(database.pool, runner);
    expect(await waits(run)).toMatchObject({
      c: [{ kind: "no_runner" }],
      e: [{ kind: "no_runner" }],
    });
  });

  it("tells of retries and of a flow's limit, and for the whole run while nothing runs", async () => {
    const held = await start({ a: {}, b: { needs: ["a"] } }, 1);
    const limit = { kind: "flow_limit", flow: `seen-${flows}`, limit: 1, active: 1 };
    expect(await waits(held)).toEqual({ a: [limit], b: [{ kind: "needs", tasks: ["a"] }] });
    expect((await getRunWaits(deps, operator, { id: held })).run).toEqual([limit]);
    await database.pool.query("truncate task_run");

    const retry = { attempts: 2, delayMs: 60_000, factor: 1, capMs: 60_000 };
    const run = await start({ a: { retry } });
    const { claims } = await claim(connection, runner, 1);
    expect((await getRunWaits(deps, operator, { id: run })).run).toEqual([]);
    const error = { kind: "exit" as const, message: "no" };
    const ends = claims.map((one) => ({
      ...one,
      runnerId: runner,
      outcome: "failed" as const,
      error,
    }));
    await settleRun(database.pool, run, ends, () => 0.5);
    const { run: reasons } = await getRunWaits(deps, operator, { id: run });
    expect(reasons).toMatchObject([{ kind: "retry" }]);
  });

  it("looks at the parts of a task over a list, once for all that wait alike", async () => {
    const run = await start({ many: { pool: "parts" }, after: { needs: ["many"] } });
    await set("parts", 0);
    await database.pool.query(
      `with mapped as (
         update task_run set state = 'waiting', pending = 3, items = 3
          where run_id = $1 and ordinal = 0 returning *)
       insert into task_run (run_id, ordinal, revision_id, state, pending, gated, leaf, lane, ready_at,
              item_of, item)
       select run_id, -n, revision_id, 'ready', 0, false, false, lane, now(), 0, n - 1
         from mapped, generate_series(1, 3) n`,
      [run],
    );
    const full = { kind: "pool", pool: "parts", slots: 0, running: 0 };
    const seen = await getRunWaits(deps, operator, { id: run });
    expect(seen).toEqual({
      tasks: [
        { task: "many", waits: [full] },
        { task: "after", waits: [{ kind: "needs", tasks: ["many"] }] },
      ],
      run: [full],
    });
    const { groups } = await getQueue(deps, operator);
    expect(groups[0]).toMatchObject({ ready: 3, next: [{ task: "many" }] });
    expect(groups[0]?.next).toHaveLength(1);
  });

  it("refuses a run that is not there", async () => {
    await expect(getRunWaits(deps, operator, { id: "999999" })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });
});

describe("getQueue", () => {
  it("counts what is there, by pool and by what keeps it", async () => {
    const run = await start({ a: { pool: "one" }, b: { pool: "one", priority: 5 }, c: {} });
    await start({ x: {} }, 1);
    await set("one", 1);
    await claim(connection, runner, 1);
    const queue = await getQueue(deps, operator);
    expect(queue).toMatchObject({ ready: 3, running: 1, slots: 2, held: 1, besides: 0 });
    expect(queue.pools.find(({ name }) => name === "one")).toMatchObject({
      slots: 1,
      running: 1,
      ready: 1,
      changedBy: "operator",
    });
    const group = queue.groups.find(({ pool }) => pool === "one");
    expect(group).toMatchObject({
      ready: 1,
      waits: [{ kind: "pool", pool: "one", slots: 1, running: 1 }],
      next: [{ run, task: "a", priority: 0 }],
    });
    expect(queue.heldFlows).toMatchObject([{ held: 1, active: 1, limit: 1 }]);
    expect(queue.groups.reduce((sum, { ready }) => sum + ready, 0)).toBe(queue.ready);
  });

  it("says from samples how long a pool was full, and how much ended", async () => {
    await start({ a: { pool: "busy" }, b: { pool: "busy" } });
    await set("busy", 1);
    const at = (seconds: number) =>
      database.pool.query(
        `with moved as (update queue_sample set at = at - $1 * interval '1 s')
         update pool_sample set at = at - $1 * interval '1 s'`,
        [seconds],
      );
    expect(await sampleQueue(database.pool)).toBe(true);
    expect(await sampleQueue(database.pool)).toBe(false);
    await claim(connection, runner, 1);
    for (let ended = 1; ended <= 3; ended++) {
      await at(10);
      await renewLease(
        database.pool,
        runner,
        { running: 1, memoryBytes: 1, ended: ended * 5 },
        3_600_000,
      );
      expect(await sampleQueue(database.pool)).toBe(true);
    }
    const queue = await getQueue(deps, operator);
    const busy = queue.pools.find(({ name }) => name === "busy");
    expect(busy?.full).toEqual({ share: 0.75, ofMs: 40_000 });
    expect(queue.full?.share).toBe(0);
    expect(queue.points).toHaveLength(4);
    expect(queue.perMinute).toBeCloseTo(30, 0);
    await at(26 * 3_600);
    await sampleQueue(database.pool);
    const left = await database.pool.query("select from queue_sample");
    expect(left.rowCount).toBe(1);
  });
});

describe("pools", () => {
  it("are made by the flows that name them, and by those who give them slots", async () => {
    await start({ a: { pool: "named" } });
    await set("early", 3);
    const pools = await listPools(deps, operator);
    const of = (name: string) => pools.find((pool) => pool.name === name);
    expect(of("named")).toMatchObject({ slots: null, ready: 1 });
    expect(of("early")).toMatchObject({ slots: 3, ready: 0 });
    expect(of("default")).toMatchObject({ slots: null });
    expect(await set("early", null)).toMatchObject({ name: "early", slots: null });
  });

  it.each([
    { input: { pool: "Big Pool", slots: 1 }, why: "no name of a pool" },
    { input: { pool: "db", slots: -1 }, why: "less than none" },
    { input: { pool: "db", slots: 1.5 }, why: "half a slot" },
    { input: { pool: "db", slots: 10_001 }, why: "too many" },
    { input: { pool: "db" }, why: "nothing said" },
    { input: { pool: "db", slots: 1, more: 1 }, why: "a key that nobody knows" },
  ])("are refused with $why", ({ input }) => {
    expect(poolInput.safeParse(input).success).toBe(false);
  });

  it("change only by those who may", async () => {
    const guest: Actor = { kind: "operator", name: "guest", permissions: new Set(["run:read"]) };
    const input = { pool: "default", slots: 1 };
    await expect(setPool(deps, guest, input)).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(drain(deps, guest, { id: runner })).rejects.toMatchObject({ code: "FORBIDDEN" });
  });
});

describe("runners", () => {
  it("are drained and resumed by people, and take nothing in between", async () => {
    await start({ a: {} });
    expect(await drain(deps, operator, { id: runner })).toMatchObject({
      state: "draining",
      drainedBy: "operator",
    });
    expect((await claim(connection, runner, 1)).claims).toEqual([]);
    const load = { running: 0, memoryBytes: 1, ended: 0 };
    expect(await renewLease(database.pool, runner, load, 3_600_000)).toMatchObject({
      slots: 2,
      drain: true,
    });
    expect(await resume(deps, operator, { id: runner })).toMatchObject({ state: "active" });
    expect((await claim(connection, runner, 1)).claims).toHaveLength(1);
  });

  it("cannot be resumed once they are about to stop, nor changed once they have", async () => {
    await drain(deps, operator, { id: runner });
    await drainRunner(database.pool, runner);
    await expect(resume(deps, operator, { id: runner })).rejects.toMatchObject({
      code: "CONFLICT",
    });
    await stopRunner(database.pool, runner);
    for (const order of [drain, resume]) {
      await expect(order(deps, operator, { id: runner })).rejects.toMatchObject({
        code: "CONFLICT",
      });
    }
    await expect(setSlots(deps, operator, { id: runner, slots: 3 })).rejects.toMatchObject({
      code: "CONFLICT",
    });
    await expect(drain(deps, operator, { id: "999999" })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });

  it("learn of new slots with their next heartbeat", async () => {
    await setSlots(deps, operator, { id: runner, slots: 7 });
    const load = { running: 0, memoryBytes: 1, ended: 0 };
    expect(await renewLease(database.pool, runner, load, 3_600_000)).toMatchObject({
      slots: 7,
      drain: false,
    });
    const [first] = await listRunners(deps, operator);
    expect(first).toMatchObject({ id: runner, slots: 7 });
  });
});

describe("metrics", () => {
  const key = (counts: Metrics["openRuns"]) =>
    Object.fromEntries(counts.map(({ flow, state, n }) => [`${flow} ${state}`, n]));

  async function counted(sql: string): Promise<Record<string, number>> {
    const { rows } = await database.pool.query<{ key: string; n: number }>(sql);
    return Object.fromEntries(rows.map((row) => [row.key, row.n]));
  }

  async function agrees(counter: EndedCounter): Promise<void> {
    const metrics = await getMetrics(deps, operator, counter);
    expect(key(metrics.ended.runs)).toEqual(
      await counted(
        `select flow_id || ' ' || state as key, count(*)::int as n from run
          where finished_at is not null group by 1`,
      ),
    );
    expect(key(metrics.ended.attempts)).toEqual(
      await counted(
        `select r.flow_id || ' ' || a.state as key, count(*)::int as n
           from attempt a join run r on r.id = a.run_id group by 1`,
      ),
    );
    expect(key(metrics.openRuns)).toEqual(
      await counted(
        `select flow_id || ' ' || case when held then 'held' else state::text end as key,
                count(*)::int as n
           from run where finished_at is null group by 1`,
      ),
    );
  }

  it("agree with the rows, however they come to be, and count nothing twice", async () => {
    const counter = new EndedCounter();
    await agrees(counter);
    const open = await start({ a: {}, b: {} }, 1);
    const { claims } = await claim(connection, runner, 1);
    await agrees(counter);
    const later = await start({ z: {} });
    const rest = await claim(connection, runner, 10);
    // A run that began later ends before an older one.
    const mine = rest.claims.filter(({ runId }) => runId === later);
    await complete(connection, runner, mine, 0);
    expect(await readRun(database.pool, later)).toMatchObject({ state: "succeeded" });
    await agrees(counter);
    const others = [...claims, ...rest.claims.filter(({ runId }) => runId !== later)];
    await complete(connection, runner, others, 0);
    await releaseRuns(database.pool);
    const last = await claim(connection, runner, 10);
    expect(last.claims.map(({ runId }) => runId)).toEqual([open, open]);
    await complete(connection, runner, last.claims, 0);
    await agrees(counter);
    await agrees(counter);
  });

  it("are written for Prometheus", async () => {
    await start({ a: { pool: "shown" }, b: { pool: "shown" } });
    await set("shown", 1);
    await claim(connection, runner, 1);
    const registry = registryOf(await getMetrics(deps, operator, new EndedCounter()));
    const text = await registry.metrics();
    expect(text).toContain('idem_pool_slots{pool="shown"} 1');
    expect(text).toContain('idem_pool_slots_used{pool="shown"} 1');
    expect(text).toContain('idem_queue_ready_tasks{pool="shown"} 1');
    expect(text).toContain(`idem_runs_open{flow="seen-${flows}",state="running"} 1`);
    expect(text).toContain('idem_runners{state="active"} 1');
    expect(text).toContain(`idem_runner_slots{runner="r${runners}"} 2`);
    expect(text).toMatch(/idem_schedule_lag_seconds 0/);
  });
});

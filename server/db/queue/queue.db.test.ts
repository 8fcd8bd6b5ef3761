import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { readRun, readTasks, startRun, storeFlow } from "../../../test/engine/runs.ts";
import { buildFlow, type TaskDraft } from "../../../test/flow-builder.ts";
import { sharedDatabase } from "../../../test/shared-database.ts";
import { settleRun } from "../../engine/settle/settle.ts";
import { drainRunner, registerRunner } from "../runners.ts";
import { type Claim, claim, complete } from "./queue.ts";
import { connectHot, type HotConnection } from "./queue-connection.ts";

const database = sharedDatabase();

const open: HotConnection[] = [];

afterAll(async () => {
  for (const connection of open) await connection.close();
});
beforeEach(() => database.pool.query("truncate task_run"));

async function connect(): Promise<HotConnection> {
  const connection = await connectHot(database.url, {
    name: "idem test",
    timeoutMs: 10_000,
    onError: () => {},
  });
  open.push(connection);
  return connection;
}

function newRunner(leaseMs = 3_600_000): Promise<string> {
  const runner = { name: "r", host: "test", pid: 1, version: "0", slots: 16 };
  return registerRunner(database.pool, runner, leaseMs);
}

let flows = 0;
async function start(tasks: Record<string, TaskDraft>): Promise<string> {
  flows += 1;
  const stored = await storeFlow(database.pool, buildFlow(`queue-${flows}`, tasks));
  return startRun(database.pool, stored);
}

const place = ({ runId, ordinal }: Claim) => `${runId}/${ordinal}`;

describe("claim", () => {
  it("gives the higher priority first, then the older run, then the task's order", async () => {
    const older = await start({ a: {}, b: {} });
    const newer = await start({ a: {}, b: {} });
    const urgent = await start({ a: {} });
    await database.pool.query("update task_run set priority = 5 where run_id = $1", [urgent]);
    const connection = await connect();
    const runner = await newRunner();
    const { claims, startedRuns } = await claim(connection, runner, 4);
    expect(claims.map(place)).toEqual([`${urgent}/0`, `${older}/0`, `${older}/1`, `${newer}/0`]);
    expect(claims.every((claimed) => claimed.attempt === 1)).toBe(true);
    expect(startedRuns.sort()).toEqual([older, newer, urgent].sort());
    expect((await claim(connection, runner, 4)).startedRuns).toEqual([]);
    expect(await readRun(database.pool, older)).toMatchObject({ state: "running" });
  });

  it("gives each task to one of many that ask at the same time", async () => {
    const tasks = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`t${i}`, {}]));
    await start(tasks);
    const runners = await Promise.all(Array.from({ length: 8 }, () => newRunner()));
    const connections = await Promise.all(runners.map(connect));
    const taken = await Promise.all(
      runners.map(async (runner, index) => {
        const mine: string[] = [];
        for (;;) {
          const { claims } = await claim(connections[index] as HotConnection, runner, 7);
          if (claims.length === 0) return mine;
          mine.push(...claims.map(place));
        }
      }),
    );
    // A row that another claim has locked is passed over, so one more round may find the rest.
    const rest = await claim(connections[0] as HotConnection, runners[0] as string, 200);
    const all = [...taken.flat(), ...rest.claims.map(place)];
    expect(all).toHaveLength(200);
    expect(new Set(all).size).toBe(200);
  });

  it.each([
    { why: "its lease has ended", make: () => newRunner(-1_000) },
    {
      why: "it drains",
      make: async () => {
        const id = await newRunner();
        await drainRunner(database.pool, id);
        return id;
      },
    },
  ])("gives a runner nothing when $why", async ({ make }) => {
    await start({ a: {} });
    expect(await claim(await connect(), await make(), 10)).toEqual({
      claims: [],
      startedRuns: [],
      left: false,
    });
  });
});

describe("complete", () => {
  it("releases the tasks that waited for this and takes as many as it may", async () => {
    const run = await start({
      a: {},
      b: { needs: ["a"] },
      c: { needs: ["a"] },
      d: { needs: ["b", "c"] },
    });
    const connection = await connect();
    const runner = await newRunner();
    const { claims } = await claim(connection, runner, 10);
    const first = await complete(connection, runner, claims, 1);
    expect(first.taken.map(place)).toEqual([`${run}/1`]);
    expect(first).toMatchObject({
      released: true,
      ended: [],
      undecided: [],
      unended: [],
      refused: [],
    });
    const others = await claim(connection, runner, 10);
    expect(others.claims.map(place)).toEqual([`${run}/2`]);
    const second = await complete(connection, runner, [...others.claims, ...first.taken], 10);
    expect(second.taken.map(place)).toEqual([`${run}/3`]);
    expect(second.released).toBe(false);
    const last = await complete(connection, runner, second.taken, 10);
    expect(last).toMatchObject({ taken: [], ended: [run] });
    expect(await readRun(database.pool, run)).toMatchObject({ state: "succeeded", openLeaves: 0 });
  });

  it("never takes a follow-up past a ready task of an older run or of higher priority", async () => {
    const older = await start({ a: {}, b: {} });
    const newer = await start({ a: {}, b: { needs: ["a"] } });
    const connection = await connect();
    const runner = await newRunner();
    await claim(connection, runner, 1);
    await database.pool.query("update task_run set priority = 1 where run_id = $1", [newer]);
    const { claims } = await claim(connection, runner, 1);
    expect(claims.map(place)).toEqual([`${newer}/0`]);
    await database.pool.query("update task_run set priority = 0 where run_id = $1", [newer]);
    const result = await complete(connection, runner, claims, 10);
    expect(result).toMatchObject({ taken: [], released: true });
    expect((await claim(connection, runner, 10)).claims.map(place)).toEqual([
      `${older}/1`,
      `${newer}/1`,
    ]);
  });

  it("stores outputs, and nothing for a task without", async () => {
    const run = await start({ a: {}, b: {} });
    const connection = await connect();
    const runner = await newRunner();
    const { claims } = await claim(connection, runner, 2);
    const output = { text: 'quote " backslash \\ comma , brace } ünïcode 😀 null', n: [1, null] };
    const successes = claims.map((held) => (held.ordinal === 0 ? { ...held, output } : held));
    await complete(connection, runner, successes, 0);
    const stored = await database.pool.query(
      "select ordinal, attempt, output from task_output where run_id = $1",
      [run],
    );
    expect(stored.rows).toEqual([{ ordinal: 0, attempt: 1, output }]);
  });

  it("refuses a stale attempt, changes nothing, and keeps the evidence", async () => {
    const run = await start({ a: {}, b: { needs: ["a"] } });
    const connection = await connect();
    const [runner, other] = [await newRunner(), await newRunner()];
    const { claims } = await claim(connection, runner, 1);
    const [held] = claims as [Claim];
    for (const [who, report] of [
      [other, held],
      [runner, { ...held, attempt: 2 }],
    ] as const) {
      const result = await complete(connection, who, [report], 10);
      expect(result).toMatchObject({ refused: [report], taken: [], ended: [] });
    }
    expect((await readTasks(database.pool, run)).map((task) => task.state)).toEqual([
      "running",
      "waiting",
    ]);
    const evidence = await database.pool.query(
      `select ordinal, attempt, runner_id as "runnerId", outcome from refused_write
        where run_id = $1 order by id`,
      [run],
    );
    expect(evidence.rows).toEqual([
      { ordinal: 0, attempt: 1, runnerId: other, outcome: "succeeded" },
      { ordinal: 0, attempt: 2, runnerId: runner, outcome: "succeeded" },
    ]);
  });

  it("does not take the repetition of an acknowledged report for a stale one", async () => {
    const run = await start({ a: {} });
    const connection = await connect();
    const runner = await newRunner();
    const { claims } = await claim(connection, runner, 1);
    await complete(connection, runner, claims, 0);
    expect((await complete(connection, runner, claims, 0)).refused).toHaveLength(1);
    const evidence = await database.pool.query("select from refused_write where run_id = $1", [
      run,
    ]);
    expect(evidence.rowCount).toBe(0);
  });

  it("leaves decisions and troubled ends to the rare path", async () => {
    const run = await start({ a: {}, b: { needs: ["a"], if: "always()" }, c: {} });
    const connection = await connect();
    const runner = await newRunner();
    const { claims } = await claim(connection, runner, 10);
    const [a, c] = claims as [Claim, Claim];
    expect(await complete(connection, runner, [a], 10)).toMatchObject({
      undecided: [run],
      taken: [],
    });
    const error = { kind: "exit" as const, message: "no" };
    await settleRun(
      database.pool,
      run,
      [{ ...c, runnerId: runner, outcome: "failed", error }],
      () => 0,
    );
    const b = await claim(connection, runner, 10);
    expect(b.claims.map(place)).toEqual([`${run}/1`]);
    expect(await complete(connection, runner, b.claims, 10)).toMatchObject({
      unended: [run],
      ended: [],
    });
    await settleRun(database.pool, run, [], () => 0);
    expect(await readRun(database.pool, run)).toMatchObject({
      state: "failed",
      firstError: { task: "c", attempt: 1, message: "no" },
    });
  });
});

describe("several runners on one graph", () => {
  /** Layers in which every task needs every task of the layer before: all counters are contended. */
  function layered(layers: number, width: number): Record<string, TaskDraft> {
    const tasks: Record<string, TaskDraft> = {};
    for (let layer = 0; layer < layers; layer++) {
      for (let i = 0; i < width; i++) {
        const needs =
          layer === 0 ? [] : Array.from({ length: width }, (_, j) => `l${layer - 1}-${j}`);
        tasks[`l${layer}-${i}`] = { needs };
      }
    }
    return tasks;
  }

  /** Takes and ends tasks until the queue stays empty. `fails` says which tasks fail. */
  async function work(
    fails: (held: Claim) => boolean,
    done: () => Promise<boolean>,
  ): Promise<string[]> {
    const connection = await connect();
    const runner = await newRunner();
    const seen: string[] = [];
    let hands: Claim[] = [];
    while (!(await done())) {
      if (hands.length === 0) hands = (await claim(connection, runner, 4)).claims;
      const batch = hands.splice(0, 3);
      seen.push(...batch.map(place));
      const [bad, good] = [batch.filter(fails), batch.filter((held) => !fails(held))];
      const error = { kind: "exit" as const, message: "no" };
      for (const held of bad) {
        const end = { ...held, runnerId: runner, outcome: "failed" as const, error };
        await settleRun(database.pool, held.runId, [end], () => 0);
      }
      if (good.length === 0) continue;
      const result = await complete(connection, runner, good, 2);
      expect(result.refused).toEqual([]);
      hands.push(...result.taken);
      for (const runId of [...result.undecided, ...result.unended]) {
        await settleRun(database.pool, runId, [], () => 0);
      }
    }
    return seen;
  }

  it("execute each task once, whatever the order of their reports", async () => {
    const runs = [await start(layered(6, 8)), await start(layered(6, 8))];
    const done = async () => {
      const states = await Promise.all(runs.map((run) => readRun(database.pool, run)));
      return states.every((run) => run.finishedAt !== null);
    };
    const seen = (await Promise.all([1, 2, 3, 4].map(() => work(() => false, done)))).flat();
    expect(seen).toHaveLength(2 * 48);
    expect(new Set(seen).size).toBe(2 * 48);
    for (const run of runs) {
      expect(await readRun(database.pool, run)).toMatchObject({
        state: "succeeded",
        openLeaves: 0,
      });
    }
  });

  it("count every need when reports of many runs meet again and again", async () => {
    const width = 10;
    const roots = Array.from({ length: width }, (_, i) => `a${i}`);
    const tasks: Record<string, TaskDraft> = {};
    for (const root of roots) tasks[root] = {};
    for (let i = 0; i < width; i++) tasks[`b${i}`] = { needs: roots };
    const stored = await storeFlow(database.pool, buildFlow("layers-of-ten", tasks));
    const runs: string[] = [];
    for (let i = 0; i < 60; i++) runs.push(await startRun(database.pool, stored));
    const runner = await newRunner();
    const channels = await Promise.all([connect(), connect(), connect()]);
    const { claims } = await claim(channels[0], runner, runs.length * width);
    expect(claims).toHaveLength(runs.length * width);
    // Dealt out so that every report has tasks of every run.
    const hands = channels.map((_, n) => claims.filter((_claim, i) => i % channels.length === n));
    await Promise.all(
      channels.map(async (channel, n) => {
        const hand = hands[n] ?? [];
        for (let at = 0; at < hand.length; at += 20) {
          await complete(channel, runner, hand.slice(at, at + 20), 0);
        }
      }),
    );
    const left = await database.pool.query(
      "select from task_run where run_id = any($1::bigint[]) and state = 'waiting'",
      [runs],
    );
    expect(left.rowCount).toBe(0);
  });

  it("count every need when two reports meet on all of many tasks", async () => {
    const after = Object.fromEntries(
      Array.from({ length: 100 }, (_, i) => [`c${i}`, { needs: ["a", "b"] }]),
    );
    const run = await start({ a: {}, b: {}, ...after });
    const [one, two] = [await connect(), await connect()];
    const runner = await newRunner();
    const { claims } = await claim(one, runner, 2);
    const [a, b] = claims as [Claim, Claim];
    // The first report holds all but the last of them while the second one waits for the first.
    const holder = await database.pool.connect();
    await holder.query("begin");
    await holder.query("select from task_run where run_id = $1 and ordinal = 101 for update", [
      run,
    ]);
    const reports = [complete(one, runner, [a], 0), complete(two, runner, [b], 0)];
    await expect
      .poll(async () => {
        const waits = await database.pool.query(
          "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
        );
        return waits.rowCount;
      })
      .toBe(2);
    await holder.query("commit");
    holder.release();
    await Promise.all(reports);
    const states = (await readTasks(database.pool, run)).map(({ state }) => state);
    expect(states.filter((state) => state === "ready")).toHaveLength(100);
  });

  it("come to the same end when failures spread while others succeed", async () => {
    const run = await start(layered(6, 8));
    const done = async () => (await readRun(database.pool, run)).finishedAt !== null;
    const seen = (
      await Promise.all([1, 2, 3, 4].map(() => work((held) => held.ordinal % 8 === 3, done)))
    ).flat();
    // The first layer is executed, one of it fails, and everything after it needs that one.
    expect(new Set(seen).size).toBe(8);
    const states = (await readTasks(database.pool, run)).map((task) => task.state);
    expect(states.filter((state) => state === "succeeded")).toHaveLength(7);
    expect(states.filter((state) => state === "failed")).toHaveLength(1);
    expect(states.filter((state) => state === "upstream_failed")).toHaveLength(40);
    expect(await readRun(database.pool, run)).toMatchObject({ state: "failed", openLeaves: 0 });
  });
});

/** The state machine against its model: random graphs, random histories, one PostgreSQL. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { AppError } from "#server/core/errors.ts";
import { NO_RETRY } from "#server/core/flow/spec.ts";
import { type TaskState, taskTransitions } from "#server/core/run/states.ts";
import { createPublisher } from "#server/db/live/notify.ts";
import { type Claim, claim, complete } from "#server/db/queue/queue.ts";
import { connectHot, type HotConnection } from "#server/db/queue/queue-connection.ts";
import { registerRunner } from "#server/db/runners.ts";
import {
  conditionText,
  type ModelCondition,
  type ModelEnd,
  type ModelTask,
  RunModel,
} from "../../../test/engine/model.ts";
import {
  readAttempts,
  readRun,
  readTasks,
  startRun,
  storeFlow,
} from "../../../test/engine/runs.ts";
import { buildFlow } from "../../../test/flow-builder.ts";
import { sharedDatabase } from "../../../test/shared-database.ts";
import { Scheduler } from "../dispatch/scheduler.ts";
import { cancelRun, cancelTask, settleRun } from "./settle.ts";

const database = sharedDatabase();

const SEQUENCES = 500;
const RUNNERS = 2;

let connection: HotConnection;
let scheduler: Scheduler;

beforeAll(async () => {
  connection = await connectHot(database.url, {
    name: "idem test",
    timeoutMs: 10_000,
    onError: () => {},
  });
  const fail = (error: unknown) => {
    throw error;
  };
  scheduler = new Scheduler({
    pool: database.pool,
    publisher: createPublisher(database.pool, fail),
    tickMs: 1_000,
    leftoversEvery: 1,
    graceMs: 0,
    unit: () => 0,
    // No probation: each tick lets the next one go. Below zero, since stored times are rounded.
    probationMs: -1_000,
    onReleased: () => {},
    onLostRunner: () => {},
    onError: fail,
  });
});

afterAll(async () => {
  await connection.close();
});

type Op =
  | { op: "claim"; runner: number; limit: number }
  | { op: "succeed"; pick: number; count: number; keep: number; crash: boolean }
  | { op: "end"; pick: number; how: Exclude<ModelEnd, "succeeded"> }
  | { op: "lose"; runner: number }
  | { op: "stale"; pick: number; how: "succeeded" | "failed" }
  | { op: "tick" }
  | { op: "cancelTask"; pick: number }
  | { op: "cancelRun" };

const small = fc.nat({ max: 7 });
const runner = fc.nat({ max: RUNNERS - 1 });
const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      op: fc.constant("claim" as const),
      runner,
      limit: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      op: fc.constant("succeed" as const),
      pick: small,
      count: fc.integer({ min: 1, max: 3 }),
      keep: fc.nat({ max: 2 }),
      crash: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      op: fc.constant("end" as const),
      pick: small,
      how: fc.constantFrom("failed", "failed", "timed_out", "handed_back", "cancelled"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("lose" as const), runner }) },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant("stale" as const),
      pick: small,
      how: fc.constantFrom("succeeded", "failed"),
    }),
  },
  { weight: 3, arbitrary: fc.record({ op: fc.constant("tick" as const) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("cancelTask" as const), pick: small }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("cancelRun" as const) }) },
);

const condition = fc.constantFrom<ModelCondition>(
  ...([
    "none",
    "none",
    "none",
    "none",
    "success",
    "failure",
    "always",
    "true",
    "false",
    "broken",
  ] as const),
);
/** Tasks need only tasks before them, so that the list is a topological order. */
const graph: fc.Arbitrary<ModelTask[]> = fc
  .array(
    fc.record({
      wants: fc.array(fc.nat({ max: 100 }), { maxLength: 3 }),
      condition,
      attempts: fc.integer({ min: 1, max: 3 }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((tasks) =>
    tasks.map(({ wants, ...task }, ordinal) => ({
      ...task,
      needs: ordinal === 0 ? [] : [...new Set(wants.map((want) => want % ordinal))],
    })),
  );

interface Held {
  claim: Claim;
  runnerId: string;
}

/** One run, driven by hand, beside its model. */
class World {
  readonly model: RunModel;
  readonly runId: string;
  readonly #runners: string[];
  readonly #held = new Map<number, Held>();
  readonly #stale: Held[] = [];
  readonly #seen = new Map<number, TaskState>();
  #refused = 0;

  private constructor(model: RunModel, runId: string, runners: string[]) {
    this.model = model;
    this.runId = runId;
    this.#runners = runners;
  }

  static async create(tasks: readonly ModelTask[], id: string): Promise<World> {
    // A history that failed, and is being made shorter, leaves tasks and runners behind.
    await database.pool.query(
      "delete from task_run where state in ('waiting', 'ready', 'running', 'retry_wait')",
    );
    await database.pool.query("update runner set state = 'stopped' where state = 'active'");
    const name = (ordinal: number) => `t${ordinal}`;
    const flow = buildFlow(
      id,
      Object.fromEntries(
        tasks.map((task, ordinal) => {
          const text = conditionText[task.condition];
          return [
            name(ordinal),
            {
              needs: task.needs.map(name),
              retry: { ...NO_RETRY, attempts: task.attempts },
              ...(text === undefined ? {} : { if: text }),
            },
          ];
        }),
      ),
    );
    const stored = await storeFlow(database.pool, flow);
    const runId = await startRun(database.pool, stored, { params: { x: 1 } });
    const runners = await Promise.all(Array.from({ length: RUNNERS }, newRunner));
    return new World(new RunModel(tasks), runId, runners);
  }

  async apply(step: Op): Promise<void> {
    switch (step.op) {
      case "claim":
        return this.#claim(step.runner, step.limit);
      case "succeed":
        return this.#succeed(step);
      case "end":
        return this.#end(step.pick, step.how);
      case "lose":
        return this.#lose(step.runner);
      case "stale":
        return this.#reportStale(step.pick, step.how);
      case "tick":
        return this.#tick();
      case "cancelTask":
        return this.#cancelTask(step.pick);
      case "cancelRun":
        return this.#cancelRun();
    }
  }

  /** Everything that can still run succeeds. */
  async finish(): Promise<void> {
    for (let i = 0; i < 200; i++) {
      await this.#tick();
      const { runState } = this.model;
      if (runState !== "queued" && runState !== "running") return;
      await this.#claim(0, 10);
      for (const [ordinal] of [...this.#held]) {
        if (this.model.at(ordinal).cancelRequested) await this.#endOne(ordinal, "cancelled");
        else await this.#complete([ordinal], 0, false);
      }
    }
    throw new Error("the run does not come to its end");
  }

  async compare(): Promise<void> {
    const rows = await readTasks(database.pool, this.runId);
    const expected = this.model.states.map(({ state, attempt, failures, lostInRow }, ordinal) => ({
      ordinal,
      state,
      attempt,
      failures,
      lostInRow,
    }));
    expect(rows).toEqual(expected);
    rows.forEach(({ ordinal, state }) => {
      const before = this.#seen.get(ordinal) ?? "waiting";
      expect(reachable(before).has(state), `${before} → ${state}`).toBe(true);
      this.#seen.set(ordinal, state);
    });
    const run = await readRun(database.pool, this.runId);
    expect(run).toMatchObject({ state: this.model.runState, recovered: this.model.recovered });
    const ended = run.state !== "queued" && run.state !== "running";
    expect(run.finishedAt !== null).toBe(ended);
    if (ended) expect(run.openLeaves).toBe(0);
    expect(run.firstError !== null).toBe(expected.some((task) => task.state === "failed"));
    const refused = await database.pool.query("select from refused_write where run_id = $1", [
      this.runId,
    ]);
    expect(refused.rowCount).toBe(this.#refused);
  }

  /** One row for each attempt that has ended, numbered without gaps. */
  async compareAttempts(): Promise<void> {
    const attempts = await readAttempts(database.pool, this.runId);
    const expected = this.model.states.flatMap((task, ordinal) =>
      Array.from({ length: task.attempt }, (_, i) => ({ ordinal, attempt: i + 1 })),
    );
    expect(attempts.map(({ ordinal, attempt }) => ({ ordinal, attempt }))).toEqual(expected);
  }

  #take(claims: readonly Claim[], runnerId: string): void {
    this.model.take(claims.map(({ ordinal }) => ordinal));
    for (const taken of claims) {
      expect(taken.runId).toBe(this.runId);
      expect(taken.attempt).toBe(this.model.at(taken.ordinal).attempt);
      this.#held.set(taken.ordinal, { claim: taken, runnerId });
    }
  }

  async #claim(index: number, limit: number): Promise<void> {
    const runnerId = this.#runner(index);
    const ready = this.model.ordinalsIn("ready").length;
    const { claims } = await claim(connection, runnerId, limit);
    expect(claims).toHaveLength(Math.min(ready, limit));
    this.#take(claims, runnerId);
  }

  async #succeed(step: Extract<Op, { op: "succeed" }>): Promise<void> {
    const first = this.#pick(step.pick);
    if (first === undefined) return;
    const sameRunner = [...this.#held]
      .filter(([, held]) => held.runnerId === first.runnerId)
      .map(([ordinal]) => ordinal)
      .slice(0, step.count);
    await this.#complete(sameRunner, step.keep, step.crash);
  }

  async #complete(ordinals: readonly number[], keep: number, crash: boolean): Promise<void> {
    const batch = ordinals.map((ordinal) => this.#release(ordinal));
    const runnerId = batch[0]?.runnerId ?? "";
    const result = await complete(
      connection,
      runnerId,
      batch.map((held) => held.claim),
      keep,
    );
    expect(result.refused).toEqual([]);
    for (const ordinal of ordinals) this.model.end(ordinal, "succeeded");
    this.#take(result.taken, runnerId);
    if (crash) {
      // Whoever got the answer died with it: the scheduler has to find what was left open.
      await this.#tick();
    } else {
      for (const runId of new Set([...result.undecided, ...result.unended])) {
        await settleRun(database.pool, runId, [], () => 0);
      }
    }
  }

  async #end(pick: number, how: Exclude<ModelEnd, "succeeded">): Promise<void> {
    const held = this.#pick(pick);
    if (held === undefined) return;
    const { ordinal } = held.claim;
    const flagged = this.model.at(ordinal).cancelRequested;
    if (how === "cancelled" && !flagged) return;
    await this.#endOne(ordinal, how);
  }

  async #endOne(ordinal: number, how: Exclude<ModelEnd, "succeeded">): Promise<void> {
    const { claim: held, runnerId } = this.#release(ordinal);
    const result = await settleRun(
      database.pool,
      this.runId,
      [endOf(held, runnerId, how)],
      () => 0,
    );
    expect(result.refused).toEqual([]);
    this.model.end(ordinal, how);
  }

  async #lose(index: number): Promise<void> {
    const runnerId = this.#runner(index);
    await database.pool.query(
      "update runner set lease_until = now() - interval '1 s' where id = $1",
      [runnerId],
    );
    const { claims } = await claim(connection, runnerId, 10);
    expect(claims, "a runner without lease gets nothing").toEqual([]);
    const lost = [...this.#held].filter(([, held]) => held.runnerId === runnerId);
    for (const [ordinal] of lost) this.#release(ordinal);
    // Retries that are due are promoted before the lost attempts are settled.
    this.model.promote();
    this.model.lose(lost.map(([ordinal]) => ordinal));
    await scheduler.tick();
    this.#runners[index % RUNNERS] = await newRunner();
  }

  async #reportStale(pick: number, how: "succeeded" | "failed"): Promise<void> {
    const stale = this.#stale[pick % Math.max(1, this.#stale.length)];
    if (stale === undefined) return;
    const known = (await readAttempts(database.pool, this.runId)).find(
      (row) => row.ordinal === stale.claim.ordinal && row.attempt === stale.claim.attempt,
    );
    const repeats = known?.state === how && known.runnerId === stale.runnerId;
    const refused =
      how === "succeeded"
        ? (await complete(connection, stale.runnerId, [stale.claim], 2)).refused
        : (
            await settleRun(
              database.pool,
              this.runId,
              [endOf(stale.claim, stale.runnerId, how)],
              () => 0,
            )
          ).refused;
    expect(refused).toHaveLength(1);
    if (!repeats) this.#refused += 1;
  }

  async #tick(): Promise<void> {
    await scheduler.tick();
    this.model.promote();
  }

  async #cancelTask(pick: number): Promise<void> {
    const ordinal = pick % this.model.tasks.length;
    const cancelled = await allowed(() => cancelTask(database.pool, this.runId, ordinal, "ada"));
    expect(cancelled).toBe(this.model.cancelTask(ordinal));
  }

  async #cancelRun(): Promise<void> {
    const cancelled = await allowed(() => cancelRun(database.pool, this.runId, "ada"));
    expect(cancelled).toBe(this.model.cancelRun());
  }

  #runner(index: number): string {
    return this.#runners[index % RUNNERS] ?? "";
  }

  #pick(pick: number): Held | undefined {
    const held = [...this.#held.values()];
    return held[pick % Math.max(1, held.length)];
  }

  #release(ordinal: number): Held {
    const held = this.#held.get(ordinal);
    if (held === undefined) throw new Error(`nobody holds task ${ordinal}`);
    this.#held.delete(ordinal);
    this.#stale.push(held);
    return held;
  }
}

/** States that one can come to by the allowed transitions, itself included. */
function reachable(from: TaskState): ReadonlySet<TaskState> {
  const found = new Set([from]);
  for (const state of found) for (const next of taskTransitions[state]) found.add(next);
  return found;
}

/** Whether a request was accepted; anything but a refusal is a fault. */
async function allowed(request: () => Promise<unknown>): Promise<boolean> {
  try {
    await request();
    return true;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

function endOf(held: Claim, runnerId: string, outcome: Exclude<ModelEnd, "succeeded">) {
  const { runId, ordinal, attempt } = held;
  const error = { kind: "exit" as const, message: `it ${outcome}` };
  return { runId, ordinal, attempt, runnerId, outcome, error };
}

function newRunner(): Promise<string> {
  return registerRunner(
    database.pool,
    { name: "model", host: "test", pid: 1, version: "0", slots: 4 },
    3_600_000,
  );
}

it(`does what the model says in ${SEQUENCES} random histories`, async () => {
  let count = 0;
  await fc.assert(
    fc.asyncProperty(graph, fc.array(op, { maxLength: 25 }), async (tasks, steps) => {
      count += 1;
      const world = await World.create(tasks, `model-${count}`);
      await world.compare();
      for (const step of steps) {
        await world.apply(step);
        await world.compare();
      }
      await world.finish();
      await world.compare();
      await world.compareAttempts();
    }),
    { numRuns: SEQUENCES },
  );
}, 240_000);

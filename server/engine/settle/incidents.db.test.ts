/**
 * What is told of runs that fail, whatever order they end in: a model of the rule against the database.
 */
import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { closeIncidents } from "#server/db/notify/notices.ts";
import { inTransaction } from "#server/db/transaction.ts";
import { type StoredFlow, startRun, storeFlow } from "../../../test/engine/runs.ts";
import { buildFlow } from "../../../test/flow-builder.ts";
import type { HeldClaim } from "../../../test/hand-runner.ts";
import { sharedDatabase, sharedRunner } from "../../../test/shared-database.ts";
import { prepareRerun, startRerun } from "../start/start-rerun.ts";
import { cancelRun } from "./settle.ts";

const db = sharedDatabase();
const runner = sharedRunner(db);

/** A run whose tasks have made others. */
let callerRun: string;
beforeAll(async () => {
  const caller = await storeFlow(db.pool, buildFlow("caller", { calls: {} }));
  callerRun = await startRun(db.pool, caller);
  for (const held of await runner.take()) await runner.end(held, undefined);
});

/** Whose affair a run is that tells nobody by itself: that of its backfill or of the task that made it. */
type OnBehalf = "backfill" | "task" | null;
type End = "succeed" | "fail" | "time out" | "stop";

/** What may happen. Numbers choose among what there is, modulo how many there are. */
type Event =
  | { what: "start"; scope: number; onBehalf: OnBehalf }
  | { what: "end"; run: number; how: End }
  | { what: "rerun"; run: number }
  | { what: "look" };

/** What makes runs belong together: two intervals with the same start among them, and parameters. */
const scopes = [
  { interval: { start: "2024-03-01T00:00:00.000Z", end: "2024-03-02T00:00:00.000Z" } },
  { interval: { start: "2024-03-01T00:00:00.000Z", end: "2024-03-08T00:00:00.000Z" } },
  { params: { station: "seattle" } },
  { params: { station: "seoul" } },
];

interface Incident {
  scope: number;
  failures: number;
  /** Where it was told first, and as what. */
  first: string;
  event: "failed" | "timed_out";
  recovered: string | null;
}

/** The rule: told when a run fails and nothing is open, and when a run succeeds while something is. */
class Model {
  readonly incidents: Incident[] = [];
  ended(run: string, scope: number, how: End, onBehalf: OnBehalf): void {
    const open = this.incidents.find((one) => one.scope === scope && one.recovered === null);
    if (how === "succeed" && open !== undefined) open.recovered = run;
    if (how === "succeed" || how === "stop" || onBehalf !== null) return;
    if (open !== undefined) open.failures += 1;
    else {
      const event = how === "fail" ? "failed" : "timed_out";
      this.incidents.push({ scope, failures: 1, first: run, event, recovered: null });
    }
  }
}

let flows = 0;
let ledger = 0;
const look = () => inTransaction(db.pool, (client) => closeIncidents(client, 100));

async function startOne(stored: StoredFlow, scope: number, onBehalf: OnBehalf): Promise<string> {
  ledger += 1;
  const place = { ordinal: ledger, try: 1 };
  return startRun(db.pool, stored, {
    ...scopes[scope],
    ...(onBehalf === "backfill" ? { backfill: { id: "1", ...place } } : {}),
    ...(onBehalf === "task" ? { caller: { run: callerRun, task: "calls", ...place } } : {}),
  });
}

async function rerun(id: string): Promise<string> {
  return inTransaction(db.pool, async (client) => {
    const prepared = await prepareRerun(client, { id, scope: "all" });
    ledger += 1;
    const key = `rerun ${ledger} of ${id}`;
    const order = { createdBy: "test", idempotencyKey: key, requestHash: key };
    return (await startRerun(client, prepared, order)).id;
  });
}

/** Lets it happen. @returns what the model says and what was told */
async function play(events: readonly Event[]) {
  flows += 1;
  const flow = buildFlow(`incidents-${flows}`, { only: {} }, { station: { type: "string" } });
  const stored = await storeFlow(db.pool, flow);
  const model = new Model();
  const live: { held: HeldClaim; scope: number; onBehalf: OnBehalf }[] = [];
  const ended: { id: string; scope: number }[] = [];
  const hold = async (scope: number, onBehalf: OnBehalf) => {
    for (const held of await runner.take()) live.push({ held, scope, onBehalf });
  };
  const end = async (index: number, how: End) => {
    const [run] = live.splice(index % live.length, 1);
    if (run === undefined) return;
    const { held, scope, onBehalf } = run;
    if (how === "stop") await cancelRun(db.pool, held.runId, "test");
    await runner.end(held, how === "succeed" ? undefined : how);
    model.ended(held.runId, scope, how, onBehalf);
    ended.push({ id: held.runId, scope });
  };
  for (const event of events) {
    if (event.what === "look") await look();
    else if (event.what === "start") {
      await startOne(stored, event.scope, event.onBehalf);
      await hold(event.scope, event.onBehalf);
    } else if (event.what === "end") {
      if (live.length > 0) await end(event.run, event.how);
    } else {
      const of = ended[event.run % Math.max(1, ended.length)];
      if (of === undefined) continue;
      await rerun(of.id);
      await hold(of.scope, null);
    }
  }
  // Nothing stays ready for the next sequence.
  while (live.length > 0) await end(0, "stop");
  await look();
  return { model, told: await told(flow.spec.id) };
}

interface Told {
  event: string;
  run: string;
  first: string;
  failures: number;
  open: boolean;
}

async function told(flow: string): Promise<Told[]> {
  const result = await db.pool.query<Told>(
    `select n.event, n.run_id as run, i.first_run_id as first, i.failures, i.closed_at is null as open
       from notice n join incident i on i.id = n.incident_id where n.flow_id = $1 order by n.id`,
    [flow],
  );
  return result.rows;
}

/** What a model's incidents have people told, in no order. */
function expected({ incidents }: Model): Told[] {
  return incidents.flatMap(({ first, event, failures, recovered }) => {
    const incident = { first, failures, open: recovered === null };
    const opened = { event, run: first, ...incident };
    return recovered === null
      ? [opened]
      : [opened, { event: "recovered", run: recovered, ...incident }];
  });
}

const sorted = (list: readonly Told[]) => list.map((one) => JSON.stringify(one)).sort();

const anEvent: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant("start" as const),
      scope: fc.nat(scopes.length - 1),
      onBehalf: fc.constantFrom<OnBehalf>(null, null, "backfill", "task"),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant("end" as const),
      run: fc.nat(5),
      how: fc.constantFrom<End>("succeed", "fail", "fail", "time out", "stop"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant("rerun" as const), run: fc.nat(5) }),
  },
  { weight: 2, arbitrary: fc.constant({ what: "look" as const }) },
);

it("tells each incident once and its recovery once, however runs overlap and whoever looks when", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anEvent, { minLength: 4, maxLength: 16 }), async (events) => {
      const { model, told } = await play(events);
      expect(sorted(told)).toEqual(sorted(expected(model)));
    }),
    { numRuns: 30 },
  );
});

it("opens one incident when runs of an interval fail at the same moment, and closes it once", async () => {
  flows += 1;
  const stored = await storeFlow(db.pool, buildFlow(`incidents-${flows}`, { only: {} }));
  const runs = await Promise.all(
    Array.from({ length: 6 }, () => startRun(db.pool, stored, { ...scopes[0] })),
  );
  const [last, ...others] = await runner.take();
  if (last === undefined) throw new Error("nothing was ready");
  await Promise.all(others.map((held) => runner.end(held, "fail")));
  await runner.end(last, undefined);
  await Promise.all(Array.from({ length: 6 }, look));
  const { id } = stored.flow.spec;
  expect(await told(id)).toMatchObject([
    { event: "failed", failures: runs.length - 1, open: false },
    { event: "recovered", run: last.runId },
  ]);
});

it("does not look at runs again that cannot end an incident, and misses none that is still open", async () => {
  flows += 1;
  const flow = buildFlow(`incidents-${flows}`, { only: {} }, { station: { type: "string" } });
  const stored = await storeFlow(db.pool, flow);
  const params = { station: "seattle" };
  const begin = async () => {
    await startRun(db.pool, stored, { params });
    const [held] = await runner.take();
    if (held === undefined) throw new Error("nothing was ready");
    return held;
  };
  /** Many runs with other parameters that have succeeded, made an hour ago. */
  const addOthers = (like: string) =>
    db.pool.query(
      `insert into run select (jsonb_populate_record(r, jsonb_build_object(
           'id', nextval('run_id_seq'), 'state', 'succeeded', 'params', '{"station": "other"}'::jsonb,
           'created_at', now() - interval '1 hour', 'idempotency_key', 'other ' || r.id || ' ' || g))).*
         from run r, generate_series(1, 600) g where r.id = $1`,
      [like],
    );
  const bad = await begin();
  await runner.end(bad, "fail");
  await addOthers(bad.runId);
  const late = await begin();
  await addOthers(late.runId);
  expect(await look()).toBe(0);
  const seen = await db.pool.query("select seen_run_id as id from incident where flow_id = $1", [
    stored.flow.spec.id,
  ]);
  expect(seen.rows).toEqual([{ id: String(Number(late.runId) - 1) }]);
  await runner.end(late, undefined);
  expect(await look()).toBe(1);
  expect(await told(stored.flow.spec.id)).toMatchObject([
    { event: "failed", run: bad.runId },
    { event: "recovered", run: late.runId },
  ]);
});

import fc from "fast-check";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { type StoredFlow, storeFlow } from "../../../test/engine/runs.ts";
import { buildFlow, type TaskDraft } from "../../../test/flow-builder.ts";
import { sharedDatabase } from "../../../test/shared-database.ts";
import { LIVE_CHANNEL, READY_CHANNEL } from "../../db/live/notify.ts";
import { inTransaction } from "../../db/transaction.ts";
import { type PlainOrder, startPlainRun, startRun } from "./start-runs.ts";

const database = sharedDatabase();

let made = 0;
const nextName = (what: string) => {
  made += 1;
  return `${what}-${made}`;
};

async function store(
  tasks: Record<string, TaskDraft>,
  more: { concurrency?: number; priority?: number } = {},
): Promise<StoredFlow> {
  const flow = buildFlow(nextName("alone"), tasks);
  return storeFlow(database.pool, { ...flow, spec: { ...flow.spec, ...more } });
}

const orderOf = ({ flow, revisionId }: StoredFlow, over: Partial<PlainOrder> = {}): PlainOrder => ({
  flowId: flow.spec.id,
  revisionId,
  revisionHash: flow.hash,
  params: {},
  interval: null,
  timezone: "UTC",
  trigger: "manual",
  createdBy: "test",
  idempotencyKey: nextName("key"),
  requestHash: "the request",
  ...over,
});

const alone = (order: PlainOrder, onlyCurrent = false) =>
  startPlainRun(database.pool, order, { onlyCurrent });

const asOneOfMany = (order: PlainOrder) =>
  inTransaction(database.pool, (client) => startRun(client, order));

/** All that a start writes, without what differs from run to run. */
async function written(run: string): Promise<unknown> {
  const { rows } = await database.pool.query(
    `select to_jsonb(r) - array['id', 'created_at', 'idempotency_key'] as run,
            (select jsonb_agg(to_jsonb(t) - array['run_id', 'ready_at']
                              || jsonb_build_object('is_ready', t.ready_at is not null) order by t.ordinal)
               from task_run t where t.run_id = r.id) as tasks,
            (select jsonb_agg(to_jsonb(e) - array['id', 'run_id', 'at'] order by e.id)
               from run_event e where e.run_id = r.id) as events,
            m.text as manifest
       from run r join manifest m on m.identity = r.identity where r.id = $1`,
    [run],
  );
  return rows[0];
}

/** Needs of each task among those before it, and what else makes task runs differ. */
const drafts: fc.Arbitrary<Record<string, TaskDraft>> = fc
  .array(
    fc.record({
      needs: fc.array(fc.nat(20), { maxLength: 4 }),
      priority: fc.option(fc.integer({ min: -50, max: 50 }), { nil: undefined }),
      gated: fc.boolean(),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((tasks) =>
    Object.fromEntries(
      tasks.map(({ needs, priority, gated }, index) => {
        const before = index === 0 ? [] : [...new Set(needs.map((n) => `t${n % index}`))];
        const draft: TaskDraft = {
          needs: before,
          ...(priority === undefined ? {} : { priority }),
          ...(gated && before.length > 0 ? { if: "always()" } : {}),
        };
        return [`t${index}`, draft];
      }),
    ),
  );

describe("a run that is started alone", () => {
  it("is what the statements for many make of it", async () => {
    const orders = fc.record({
      params: fc.dictionary(fc.constantFrom("a", "b", "c"), fc.oneof(fc.string(), fc.integer())),
      interval: fc.constantFrom(null, {
        start: "2026-03-28T00:00:00.000Z",
        end: "2026-03-29T00:00:00.000Z",
      }),
      timezone: fc.constantFrom("UTC", "Asia/Seoul"),
      trigger: fc.constantFrom("manual" as const, "changes" as const, "api" as const),
    });
    const priorities = fc.option(fc.integer({ min: -10, max: 10 }), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(drafts, orders, priorities, async (tasks, over, priority) => {
        const stored = await store(tasks, priority === undefined ? {} : { priority });
        const one = await alone(orderOf(stored, over));
        const other = await asOneOfMany(orderOf(stored, over));
        expect(one?.created).toBe(true);
        expect(await written(one?.id ?? "")).toEqual(await written(other.id));
      }),
      { numRuns: 60 },
    );
  });

  it("wakes runners and live views", async () => {
    const stored = await store({ a: {} });
    const listener = new pg.Client({ connectionString: database.url });
    await listener.connect();
    const heard: unknown[] = [];
    listener.on("notification", ({ channel, payload }) => heard.push([channel, payload]));
    await listener.query(`listen ${READY_CHANNEL}; listen ${LIVE_CHANNEL}`);
    const run = await alone(orderOf(stored));
    await expect.poll(() => heard).toHaveLength(2);
    expect(heard).toEqual([
      [READY_CHANNEL, ""],
      [LIVE_CHANNEL, JSON.stringify([run?.id])],
    ]);
    await listener.end();
  });

  it("is left to the statements for many when there is more to decide, and nothing is stored", async () => {
    const count = async () =>
      (await database.pool.query("select count(*)::int as n from run")).rows[0].n;
    const limited = await store({ a: {} }, { concurrency: 1 });
    const gated = await store({ a: { if: "always()" } });
    const before = await count();
    expect(await alone(orderOf(limited))).toBeNull();
    expect(await alone(orderOf(gated))).toBeNull();
    expect(await count()).toBe(before);
  });

  it("is one run when its key is raced for", async () => {
    const stored = await store({ a: {} });
    const order = orderOf(stored);
    const started = await Promise.all(Array.from({ length: 8 }, () => alone(order)));
    expect(started.filter((run) => run !== null)).toHaveLength(1);
    const { rows } = await database.pool.query("select id from run where idempotency_key = $1", [
      order.idempotencyKey,
    ]);
    expect(rows).toHaveLength(1);
  });

  it("is refused where only the current revision may start and there is a newer one, or it is archived", async () => {
    const stored = await store({ a: {} });
    expect(await alone(orderOf(stored), true)).not.toBeNull();
    const newer = await storeFlow(
      database.pool,
      buildFlow(stored.flow.spec.id, { a: {}, b: { needs: ["a"] } }),
    );
    expect(await alone(orderOf(stored), true)).toBeNull();
    expect(await alone(orderOf(newer), true)).not.toBeNull();
    await database.pool.query("update flow set archived_at = now() where id = $1", [
      stored.flow.spec.id,
    ]);
    expect(await alone(orderOf(newer), true)).toBeNull();
    expect(await alone(orderOf(newer))).not.toBeNull();
  });
});

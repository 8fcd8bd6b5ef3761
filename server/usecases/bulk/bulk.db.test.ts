import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { operator } from "#server/auth/actor.ts";
import { createPrisma } from "#server/db/connection.ts";
import { inTransaction } from "#server/db/transaction.ts";
import { workBulk } from "#server/engine/bulk/bulk.ts";
import { loadHistory } from "../../../prisma/history.ts";
import { createTestDatabase } from "../../../test/database.ts";
import { buildFlow, type TaskDraft } from "../../../test/flow-builder.ts";
import { sharedDatabase, sharedRunner } from "../../../test/shared-database.ts";
import { storeFlow } from "../flows/store.ts";
import { cancelRun } from "../runs/cancel.ts";
import { createRun } from "../runs/create.ts";
import { createRunInput } from "../runs/inputs.ts";
import { getRun, listRuns } from "../runs/read.ts";
import { getBulk, listBulk, listBulkItems, previewBulk, startBulk, stopBulk } from "./bulk.ts";
import { bulkItemsInput, bulkListInput, bulkStartInput } from "./inputs.ts";

const database = sharedDatabase();
const { deps } = database;
const runner = sharedRunner(database);

let flow: string;

beforeEach(() => {
  flow = `flow-${randomUUID()}`;
});

async function store(tasks: Record<string, TaskDraft>): Promise<void> {
  await inTransaction(deps.pool, (client) =>
    storeFlow(client, buildFlow(flow, tasks), "push", operator.name),
  );
}

async function startRuns(count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) {
    const input = createRunInput.parse({ flow, idempotencyKey: randomUUID() });
    ids.push((await createRun(deps, operator, input)).id);
  }
  return ids;
}

const pair: Record<string, TaskDraft> = { extract: {}, load: { needs: ["extract"] } };

async function failedRuns(count: number): Promise<string[]> {
  await store(pair);
  const ids = await startRuns(count);
  await runner.drain({ load: "fail" });
  return ids;
}

async function order(kind: "rerun" | "cancel", over: Record<string, unknown> = {}) {
  const filter = { flow };
  const { count, highWater } = await previewBulk(deps, operator, { kind, filter });
  const idempotencyKey = randomUUID();
  return bulkStartInput.parse({ kind, filter, count, highWater, idempotencyKey, ...over });
}

const items = async (id: string) =>
  (await listBulkItems(deps, operator, bulkItemsInput.parse({ id, limit: 200 }))).items;

/** Works until nothing is pending. */
async function workAll(): Promise<void> {
  while ((await workBulk(deps.pool)) > 0);
}

const stored = async () => {
  const counted = await deps.pool.query<{ actions: number; items: number }>(
    `select (select count(*)::int from bulk_action) as actions,
            (select count(*)::int from bulk_item) as items`,
  );
  return counted.rows[0];
};

describe("rerunning many runs", () => {
  it("makes one identical rerun of each, with its certificate, and counts from rows", async () => {
    const parents = await failedRuns(45);
    const started = await startBulk(deps, operator, await order("rerun"));
    expect(started).toMatchObject({
      kind: "rerun",
      scope: "failed",
      total: 45,
      counts: { pending: 45, done: 0, skipped: 0, failed: 0 },
      finishedAt: null,
    });
    expect(await workBulk(deps.pool)).toBe(20);
    const half = await getBulk(deps, operator, started.id);
    expect(half.counts).toEqual({ pending: 25, done: 20, skipped: 0, failed: 0 });
    await workAll();
    const ended = await getBulk(deps, operator, started.id);
    expect(ended.counts).toEqual({ pending: 0, done: 45, skipped: 0, failed: 0 });
    expect(ended.finishedAt).not.toBeNull();

    const results = await items(started.id);
    expect(results.map(({ run }) => run).sort()).toEqual([...parents].sort());
    for (const { run, newRun } of results.slice(0, 5)) {
      const [parent, child] = await Promise.all([
        getRun(deps, operator, run),
        getRun(deps, operator, newRun ?? ""),
      ]);
      expect(child).toMatchObject({ parent: run, rerunScope: "failed", identity: parent.identity });
      expect(child.certificate?.verdict).toBe("identical");
      expect(child.tasks.map(({ state }) => state)).toEqual(["reused", "ready"]);
    }
    await runner.drain();
    const all = await listRuns(deps, operator, {
      filter: { flow, state: ["succeeded"] },
      limit: 200,
    });
    expect(all.items).toHaveLength(45);
  });

  it("says of which interval each run is", async () => {
    await store(pair);
    const interval = { start: "2026-03-01T15:00:00.000Z", end: "2026-03-02T15:00:00.000Z" };
    const common = { flow, timezone: "Asia/Seoul" };
    for (const given of [{ interval }, {}]) {
      const input = { ...common, ...given, idempotencyKey: randomUUID() };
      await createRun(deps, operator, createRunInput.parse(input));
    }
    const { id } = await startBulk(deps, operator, await order("cancel"));
    expect(await items(id)).toMatchObject([
      { interval: null },
      { interval, timezone: "Asia/Seoul" },
    ]);
  });

  it("leaves a run that another session has locked, does the others, and comes back to it", async () => {
    await store(pair);
    const [first, second, third] = await startRuns(3);
    const { id } = await startBulk(deps, operator, await order("cancel"));
    const locker = await deps.pool.connect();
    try {
      await locker.query("begin");
      await locker.query("select from run where id = $1 for update", [first]);
      await workAll();
    } finally {
      await locker.query("rollback");
      locker.release();
    }
    const states = async () =>
      Object.fromEntries((await items(id)).map(({ run, state }) => [run, state]));
    expect(await states()).toEqual({
      [first ?? ""]: "pending",
      [second ?? ""]: "done",
      [third ?? ""]: "done",
    });
    await workAll();
    expect(Object.values(await states())).toEqual(["done", "done", "done"]);
  });

  it("acts once whoever works, however often the order is sent", async () => {
    await failedRuns(30);
    const input = await order("rerun");
    const [one, other] = await Promise.all([
      startBulk(deps, operator, input),
      startBulk(deps, operator, input),
    ]);
    expect(other.id).toBe(one.id);
    const work = async () => {
      while ((await workBulk(deps.pool, 3)) > 0);
    };
    await Promise.all([work(), work(), work(), work()]);
    expect((await getBulk(deps, operator, one.id)).counts).toMatchObject({ done: 30, pending: 0 });
    const made = await deps.pool.query<{ runs: number; parents: number }>(
      `select count(*)::int as runs, count(distinct parent_id)::int as parents
         from run where flow_id = $1 and parent_id is not null`,
      [flow],
    );
    expect(made.rows[0]).toEqual({ runs: 30, parents: 30 });
    await expect(startBulk(deps, operator, { ...input, count: 31 })).rejects.toMatchObject({
      code: "IDEMPOTENCY_MISMATCH",
    });
    await runner.drain();
  });

  it("refuses a count that has become stale, and stores nothing", async () => {
    await store(pair);
    const [, second] = await startRuns(3);
    const input = await order("cancel");
    expect(input.count).toBe(3);
    const before = await stored();
    await cancelRun(deps, operator, { id: second as string });
    await expect(startBulk(deps, operator, input)).rejects.toMatchObject({
      code: "STALE_PLAN",
      data: { count: 2 },
    });
    expect(await stored()).toEqual(before);
    await runner.drain();
  });

  it("leaves runs alone that came after the count", async () => {
    const parents = await failedRuns(2);
    const input = await order("rerun");
    const [late] = await startRuns(1);
    await runner.drain({ load: "fail" });
    const { id } = await startBulk(deps, operator, input);
    await workAll();
    const acted = (await items(id)).map(({ run }) => run);
    expect(acted.sort()).toEqual([...parents].sort());
    expect(acted).not.toContain(late);
  });

  it("skips runs with guarded tasks, saying why, unless a reason is typed", async () => {
    await store({ send: { writes: { mode: "external" } }, check: { needs: ["send"] } });
    await startRuns(2);
    await runner.drain();
    const first = await startBulk(deps, operator, await order("rerun", { scope: "all" }));
    await workAll();
    expect(await items(first.id)).toMatchObject([
      { state: "skipped", code: "GUARD_REASON_REQUIRED", newRun: null },
      { state: "skipped", code: "GUARD_REASON_REQUIRED", newRun: null },
    ]);
    const reason = "the receiver lost them";
    const second = await startBulk(deps, operator, await order("rerun", { scope: "all", reason }));
    await workAll();
    const [item] = await items(second.id);
    expect(item).toMatchObject({ state: "done", code: null });
    expect(await getRun(deps, operator, item?.newRun ?? "")).toMatchObject({ reason });
    await runner.drain();
  });

  it("tries each alone when the database refuses one, and loses none of the others", async () => {
    const parents = await failedRuns(5);
    await deps.pool.query(
      `create function refuse_one() returns trigger language plpgsql as
         $$ begin raise exception 'no room for this one'; end $$;
       create trigger refuse_one before insert on run for each row
         when (new.parent_id = ${parents[2]}) execute function refuse_one()`,
    );
    const { id } = await startBulk(deps, operator, await order("rerun"));
    await workAll();
    await deps.pool.query("drop trigger refuse_one on run; drop function refuse_one");
    const acted = await items(id);
    expect(acted.filter(({ state }) => state === "done")).toHaveLength(4);
    expect(acted.find(({ run }) => run === parents[2])).toMatchObject({
      state: "failed",
      newRun: null,
      code: "INTERNAL",
      message: "no room for this one",
    });
    const runs = await deps.pool.query("select from run where parent_id = any($1)", [parents]);
    expect(runs.rowCount).toBe(4);
    await runner.drain();
  });

  it("skips runs of which nothing has to run again, and goes on", async () => {
    const [first] = await failedRuns(1);
    await startRuns(1);
    await runner.drain();
    const { id } = await startBulk(deps, operator, await order("rerun"));
    await workAll();
    const [newest, oldest] = await items(id);
    expect(newest).toMatchObject({ state: "skipped", code: "NOTHING_TO_RUN" });
    expect(oldest).toMatchObject({ run: first, state: "done" });
    await runner.drain();
  });
});

describe("cancelling many runs", () => {
  it("cancels what is live, and says what had ended meanwhile", async () => {
    await store(pair);
    const [first, ...rest] = await startRuns(4);
    const input = await order("cancel", { reason: "wrong day" });
    const { id } = await startBulk(deps, operator, input);
    await cancelRun(deps, operator, { id: first as string });
    await workAll();
    expect(await items(id)).toMatchObject([
      ...rest.map(() => ({ state: "done", newRun: null })),
      { run: first, state: "skipped", code: "ALREADY_ENDED" },
    ]);
    for (const run of rest) {
      expect((await getRun(deps, operator, run)).state).toBe("cancelled");
    }
  });

  it("stops at a word: what has been done stays, the rest is left undone", async () => {
    await store(pair);
    const runs = await startRuns(6);
    const { id } = await startBulk(deps, operator, await order("cancel"));
    await workBulk(deps.pool, 2);
    const stopped = await stopBulk(deps, operator, id);
    expect(stopped.counts).toEqual({ pending: 0, done: 2, skipped: 4, failed: 0 });
    expect(stopped.stoppedAt).not.toBeNull();
    expect(await workBulk(deps.pool)).toBe(0);
    const states = await Promise.all(runs.map(async (run) => getRun(deps, operator, run)));
    expect(states.map(({ state }) => state)).toEqual([
      ...Array.from({ length: 2 }, () => "cancelled"),
      ...Array.from({ length: 4 }, () => "queued"),
    ]);
    await runner.drain();
  });
});

it("lists bulk actions by pages, newest first, each with its filter and its counts", async () => {
  await store(pair);
  await startRuns(2);
  const ids: string[] = [];
  for (let n = 0; n < 3; n++) {
    ids.unshift((await startBulk(deps, operator, await order("cancel"))).id);
  }
  const first = await listBulk(deps, operator, bulkListInput.parse({ limit: 2 }));
  expect(first.items.map(({ id }) => id)).toEqual(ids.slice(0, 2));
  expect(first.items[0]).toMatchObject({
    filter: { flow },
    counts: { pending: 2, done: 0 },
    finishedAt: null,
  });
  expect(first.next).toBe(ids[1]);
  const second = await listBulk(deps, operator, bulkListInput.parse({ cursor: first.next }));
  expect(second.items[0]?.id).toBe(ids[2]);
  await workAll();
});

it("refuses more than 10,000 runs, and takes 10,000 at once", async () => {
  const large = await createTestDatabase();
  try {
    const given = { pool: large.pool, prisma: createPrisma(large.pool) };
    const [id] = await loadHistory(large.pool, { runs: 10_001, flows: 1 });
    const filter = { flow: id as string };
    const { count, highWater } = await previewBulk(given, operator, { kind: "rerun", filter });
    expect(count).toBe(10_001);
    const base = { kind: "rerun" as const, filter, idempotencyKey: randomUUID() };
    const refused = bulkStartInput.parse({ ...base, count: 10_000, highWater });
    await expect(startBulk(given, operator, refused)).rejects.toMatchObject({
      code: "PAYLOAD_TOO_LARGE",
    });
    const before = String(BigInt(highWater) - 1n);
    const taken = bulkStartInput.parse({ ...base, count: 10_000, highWater: before });
    const bulk = await startBulk(given, operator, taken);
    expect(bulk.counts).toEqual({ pending: 10_000, done: 0, skipped: 0, failed: 0 });
  } finally {
    await large.close();
  }
});

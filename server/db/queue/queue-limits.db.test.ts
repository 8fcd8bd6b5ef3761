import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { startRun, storeFlow } from "../../../test/engine/runs.ts";
import { buildFlow, type TaskDraft } from "../../../test/flow-builder.ts";
import { sharedDatabase } from "../../../test/shared-database.ts";
import { SHARE } from "../../core/queue/share.ts";
import { registerRunner } from "../runners.ts";
import { setPoolSlots } from "./pools.ts";
import { type Claim, claim, complete } from "./queue.ts";
import { connectHot, type HotConnection } from "./queue-connection.ts";

const database = sharedDatabase();

const open: HotConnection[] = [];

afterAll(async () => {
  for (const connection of open) await connection.close();
});
beforeEach(() => database.pool.query("truncate task_run"));

async function newRunner(
  labels: string[] = [],
): Promise<{ id: string; connection: HotConnection }> {
  const facts = { name: "r", host: "test", pid: 1, version: "0", slots: 16, labels };
  const id = await registerRunner(database.pool, facts, 3_600_000);
  const connection = await connectHot(database.url, {
    name: "idem test",
    timeoutMs: 20_000,
    onError: () => {},
  });
  open.push(connection);
  return { id, connection };
}

let flows = 0;
async function start(tasks: Record<string, TaskDraft>, priority = 0): Promise<string> {
  flows += 1;
  const flow = buildFlow(`limits-${flows}`, tasks);
  const stored = await storeFlow(database.pool, { ...flow, spec: { ...flow.spec, priority } });
  return startRun(database.pool, stored);
}

const many = (count: number, draft: TaskDraft): Record<string, TaskDraft> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, draft]));

const setSlots = (name: string, slots: number | null) =>
  setPoolSlots(database.pool, name, slots, "test");

const place = ({ runId, ordinal }: Claim) => `${runId}/${ordinal}`;

describe("a pool with slots", () => {
  it("never has more tasks running than slots, whatever number of runners race for it", async () => {
    await start({ ...many(120, { pool: "race" }), ...many(0, {}) });
    await start(many(60, {}));
    await setSlots("race", 3);
    let inHand = 0;
    let most = 0;
    let done = 0;
    const inPool = new Set<string>();
    const lane = await laneOf("race");
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        const { id, connection } = await newRunner();
        while (done < 180) {
          const { claims } = await claim(connection, id, 4);
          const limited = await limitedOf(claims, lane);
          for (const held of limited) inPool.add(place(held));
          // Claimed here and not reported: fewer than the database counts, never more.
          inHand += limited.length;
          most = Math.max(most, inHand);
          if (claims.length === 0) continue;
          await new Promise((resolve) => setTimeout(resolve, 1));
          inHand -= limited.length;
          const { taken } = await complete(connection, id, claims, 4);
          expect(taken).toEqual([]);
          done += claims.length;
        }
      }),
    );
    expect(most).toBe(3);
    expect(inPool.size).toBe(120);
  });

  async function laneOf(pool: string): Promise<number> {
    const { rows } = await database.pool.query("select id from lane where pool = $1", [pool]);
    return rows[0].id;
  }

  async function limitedOf(claims: Claim[], lane: number): Promise<Claim[]> {
    if (claims.length === 0) return [];
    const { rows } = await database.pool.query<{ place: string }>(
      `select run_id || '/' || ordinal as place from task_run
        where run_id = any($1::bigint[]) and lane = $2`,
      [claims.map(({ runId }) => runId), lane],
    );
    const places = new Set(rows.map((row) => row.place));
    return claims.filter((held) => places.has(place(held)));
  }

  it("takes a new number of slots at once, in both directions", async () => {
    await start(many(10, { pool: "change" }));
    const { id, connection } = await newRunner();
    await setSlots("change", 0);
    expect((await claim(connection, id, 10)).claims).toEqual([]);
    await setSlots("change", 4);
    const first = (await claim(connection, id, 10)).claims;
    expect(first).toHaveLength(4);
    await setSlots("change", 2);
    await complete(connection, id, first.slice(0, 2), 10);
    expect((await claim(connection, id, 10)).claims).toEqual([]);
    await setSlots("change", null);
    expect((await claim(connection, id, 10)).claims).toHaveLength(6);
  });

  it("is never passed by a hand-off, which tells when a place became free", async () => {
    const run = await start({
      a: { pool: "hand" },
      b: { pool: "hand", needs: ["a"] },
      c: { needs: ["a"] },
    });
    const other = await start({ x: { pool: "hand" } }, -5);
    await setSlots("hand", 1);
    const { id, connection } = await newRunner();
    const { claims } = await claim(connection, id, 10);
    expect(claims.map(place)).toEqual([`${run}/0`]);
    const result = await complete(connection, id, claims, 10, ["noop"]);
    expect(result.taken.map(place)).toEqual([`${run}/2`]);
    expect(result).toMatchObject({ released: true, freed: true });
    const next = await claim(connection, id, 10);
    expect(next.claims.map(place)).toEqual([`${run}/1`]);
    const last = await complete(connection, id, [...next.claims, ...result.taken], 10);
    expect(last).toMatchObject({ freed: true, released: false });
    expect((await claim(connection, id, 10)).claims.map(place)).toEqual([`${other}/0`]);
  });

  it("does not keep other pools waiting, however much waits for it", async () => {
    await start(many(300, { pool: "crowd" }), 50);
    const free = await start({ a: {}, b: { needs: ["a"] } }, -50);
    await setSlots("crowd", 0);
    const { id, connection } = await newRunner();
    const { claims } = await claim(connection, id, 4);
    expect(claims.map(place)).toEqual([`${free}/0`]);
    const { taken, queued } = await complete(connection, id, claims, 4);
    expect(taken.map(place)).toEqual([`${free}/1`]);
    expect(queued).toBe(false);
  });

  it("lets one of eight come from below while above is never short", async () => {
    await start(many(60, { pool: "share" }), 50);
    const low = await start(many(60, { pool: "share" }), -50);
    await setSlots("share", 1);
    const { id, connection } = await newRunner();
    const order: boolean[] = [];
    for (let i = 0; i < 40; i++) {
      const { claims } = await claim(connection, id, 1);
      order.push(claims[0]?.runId === low);
      await complete(connection, id, claims, 0);
    }
    for (let from = 0; from + SHARE <= order.length; from++) {
      expect(order.slice(from, from + SHARE).filter(Boolean)).toHaveLength(1);
    }
  });
});

describe("priority", () => {
  it("is the task's own or its flow's, and the run's is added to it", async () => {
    const run = await start({ own: { priority: -7 }, flows: {} }, 20);
    const { rows } = await database.pool.query<{ priority: number }>(
      "select priority from task_run where run_id = $1 order by ordinal",
      [run],
    );
    expect(rows.map(({ priority }) => priority)).toEqual([-7, 20]);
    const stored = await database.pool.query("select priority from run where id = $1", [run]);
    expect(stored.rows).toEqual([{ priority: 20 }]);
  });

  it("comes before age, but for as many as are to come from below: the oldest of all levels there", async () => {
    const lowest = await start(many(3, {}), -50);
    const low = await start(many(3, {}), -10);
    const high = await start(many(10, {}), 50);
    const { id, connection } = await newRunner();
    const first = (await claim(connection, id, 4, { below: 2 })).claims;
    expect(first.map(({ runId }) => runId)).toEqual([high, high, lowest, lowest]);
    const second = (await claim(connection, id, 3, { below: 2 })).claims;
    expect(second.map(({ runId }) => runId)).toEqual([high, low, lowest]);
  });

  it("asks for nothing from below where there is nothing", async () => {
    const only = await start(many(4, {}), 7);
    const { id, connection } = await newRunner();
    const { claims } = await claim(connection, id, 4, { below: 3 });
    expect(claims.map(({ runId }) => runId)).toEqual([only, only, only, only]);
  });
});

describe("a label", () => {
  it("keeps a task for the runners that have it, and a hand-off too", async () => {
    const run = await start({
      a: {},
      b: { runsOn: "gpu", needs: ["a"] },
      c: { runsOn: "gpu", pool: "labelled" },
    });
    const plain = await newRunner(["linux"]);
    const gpu = await newRunner(["gpu", "linux"]);
    await setSlots("labelled", 5);
    const mine = await claim(plain.connection, plain.id, 10);
    expect(mine.claims.map(place)).toEqual([`${run}/0`]);
    const done = await complete(plain.connection, plain.id, mine.claims, 10, [], ["linux"]);
    expect(done).toMatchObject({ taken: [], released: true });
    const theirs = await claim(gpu.connection, gpu.id, 10);
    expect(theirs.claims.map(place)).toEqual([`${run}/1`, `${run}/2`]);
  });

  it("lets a runner that has it hand over to itself", async () => {
    const run = await start({
      a: { runsOn: "gpu" },
      b: { runsOn: "gpu", needs: ["a"] },
    });
    const { id, connection } = await newRunner(["gpu"]);
    const { claims } = await claim(connection, id, 10);
    const { taken } = await complete(connection, id, claims, 1, [], ["gpu"]);
    expect(taken.map(place)).toEqual([`${run}/1`]);
  });
});

it("finds tasks without a slot beside those with one, and no pool counts them", async () => {
  const run = await start(many(6, { pool: "beside" }));
  await setSlots("beside", 1);
  const { rows } = await database.pool.query<{ id: number }>(
    "insert into lane (pool, takes_slot) values ('beside', false) returning id",
  );
  await database.pool.query("update task_run set lane = $1 where run_id = $2 and ordinal > 1", [
    rows[0]?.id,
    run,
  ]);
  const { id, connection } = await newRunner();
  const { claims } = await claim(connection, id, 1, { besides: 3 });
  expect(claims.map(({ ordinal }) => ordinal)).toEqual([0, 2, 3, 4]);
  expect((await claim(connection, id, 1)).claims.map(({ ordinal }) => ordinal)).toEqual([5]);
});

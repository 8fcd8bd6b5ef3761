import { randomUUID } from "node:crypto";
import type { Pool } from "pg";
import { beforeEach, describe, expect, it } from "vitest";
import { operator } from "#server/auth/actor.ts";
import type { ScheduleSpec } from "#server/core/flow/spec.ts";
import { createPool, createPrisma } from "#server/db/connection.ts";
import { startRuns } from "#server/engine/start/start-runs.ts";
import { runScheduleNow } from "#server/usecases/schedules/control.ts";
import {
  DAY_MS,
  dailyAt,
  databaseNow,
  publishScheduled,
  standAt,
} from "../../../test/schedules.ts";
import { sharedDatabase, sharedRunner } from "../../../test/shared-database.ts";
import { cancelRun } from "../settle/settle.ts";
import { releaseRuns } from "../start/release-runs.ts";
import { fireSchedules } from "./fire-schedules.ts";

const database = sharedDatabase();
const runner = sharedRunner(database);

let flow: string;

beforeEach(async () => {
  flow = `flow-${randomUUID()}`;
  // Nothing of the test before is due, ready or held.
  await database.pool.query("update schedule set next_tick_at = null");
  const open = await database.pool.query("select id from run where finished_at is null");
  for (const { id } of open.rows) await cancelRun(database.pool, id, "test");
});

interface RunOfTick {
  id: string;
  state: string;
  held: boolean;
  tick: string | null;
  trigger: string;
  identity: string;
  params: unknown;
  interval: [string, string];
}

async function runs(of = flow): Promise<RunOfTick[]> {
  const result = await database.pool.query(
    `select id, state, held, tick_at as tick, trigger, identity, params, interval_start, interval_end
       from run where flow_id = $1 order by tick_at nulls first, id`,
    [of],
  );
  return result.rows.map((row) => ({
    id: row.id,
    state: row.state,
    held: row.held,
    tick: row.tick?.toISOString() ?? null,
    trigger: row.trigger,
    identity: row.identity,
    params: row.params,
    interval: [row.interval_start.toISOString(), row.interval_end.toISOString()],
  }));
}

async function events(of = flow): Promise<{ verb: string; detail: Record<string, unknown> }[]> {
  const result = await database.pool.query(
    `select verb, detail from schedule_event where flow_id = $1 and verb not in ('added', 'run_now') order by id`,
    [of],
  );
  return result.rows;
}

async function nextOf(of = flow): Promise<number | null> {
  const result = await database.pool.query(
    "select next_tick_at as at from schedule where flow_id = $1",
    [of],
  );
  return result.rows[0]?.at?.getTime() ?? null;
}

const iso = (instant: number) => new Date(instant).toISOString();

/** A daily schedule one of whose ticks is now; nothing looked at it for so many days. */
async function scheduleNow(more: Partial<ScheduleSpec> = {}, daysAgo = 0): Promise<number> {
  const now = await databaseNow(database.pool);
  await publishScheduled(database.pool, { id: flow, schedules: [dailyAt(now, more)] });
  await standAt(database.pool, flow, now - daysAgo * DAY_MS);
  return now;
}

const fire = () => fireSchedules(database.pool, 100);

/** A pool that does not wait long, and a session that has locked the rows of a run meanwhile. */
async function whileLocked(runId: string, act: (pool: Pool) => Promise<void>): Promise<void> {
  const options = { name: "hasty", max: 2, lockMs: 50, onError: () => {} };
  const pool = createPool(database.url, options);
  const holder = await database.pool.connect();
  try {
    await holder.query("begin");
    await holder.query("select from run where id = $1 for update", [runId]);
    await act(pool);
  } finally {
    await holder.query("rollback");
    holder.release();
    await pool.end();
  }
}

describe("a tick", () => {
  it("waits for the run that it is to replace while somebody has locked that, and keeps no other waiting", async () => {
    const now = await scheduleNow({ overlap: "cancel" });
    await fire();
    const [before] = await runs();
    const other = `other-${randomUUID()}`;
    await publishScheduled(database.pool, { id: other, schedules: [dailyAt(now)] });
    await standAt(database.pool, other, now);
    await standAt(database.pool, flow, now - DAY_MS);
    await whileLocked(before?.id ?? "", async (pool) => {
      const { schedules, failed } = await fireSchedules(pool, 100);
      expect(schedules).toBe(1);
      expect(failed).toMatchObject([{ flowId: flow, error: { code: "55P03" } }]);
      expect(await runs(other)).toHaveLength(1);
      expect(await runs()).toHaveLength(1);
      expect(await nextOf()).toBe(now - DAY_MS);
    });
    expect(await fire()).toEqual({ schedules: 1, failed: [] });
    expect((await runs()).map(({ state }) => state)).toContain("cancelled");
    expect(await nextOf()).toBeGreaterThan(now);
  });

  it("makes a run that covers the time since the tick before, and moves the schedule on", async () => {
    const now = await scheduleNow();
    expect(await fire()).toEqual({ schedules: 1, failed: [] });
    expect(await runs()).toMatchObject([
      {
        state: "queued",
        held: false,
        tick: iso(now),
        trigger: "schedule",
        interval: [iso(now - DAY_MS), iso(now)],
      },
    ]);
    expect(await nextOf()).toBe(now + DAY_MS);
    expect(await runner.drain()).toEqual(["only"]);
    expect(await runs()).toMatchObject([{ state: "succeeded" }]);
  });

  it("makes one run however many look at it at once", async () => {
    await scheduleNow();
    const looks = await Promise.all(Array.from({ length: 8 }, fire));
    expect(looks.reduce((sum, look) => sum + look.schedules, 0)).toBe(1);
    expect(await runs()).toHaveLength(1);
  });

  it("keeps its run when the schedule is put back: the key of the tick holds", async () => {
    const now = await scheduleNow();
    await fire();
    await standAt(database.pool, flow, now);
    await fire();
    expect(await runs()).toHaveLength(1);
    expect(await nextOf()).toBe(now + DAY_MS);
  });

  it("passes the schedule's parameters, and the defaults of the others", async () => {
    const now = await databaseNow(database.pool);
    await publishScheduled(database.pool, {
      id: flow,
      schedules: [dailyAt(now, { params: { region: "eu" } })],
      params: { region: { type: "string" }, size: { type: "integer", default: 3 } },
    });
    await standAt(database.pool, flow, now);
    await fire();
    expect(await runs()).toMatchObject([{ params: { region: "eu", size: 3 } }]);
  });

  it("of several schedules of a flow makes a run each", async () => {
    const now = await databaseNow(database.pool);
    const schedules = [dailyAt(now), dailyAt(now, { timezone: "Etc/GMT" })];
    await publishScheduled(database.pool, { id: flow, schedules });
    await standAt(database.pool, flow, now, "1");
    await standAt(database.pool, flow, now, "2");
    await fire();
    expect(await runs()).toHaveLength(2);
  });

  it("cannot be moved to another run afterwards", async () => {
    await scheduleNow();
    await fire();
    await expect(
      database.pool.query(
        "update run set tick_at = tick_at + interval '1 day' where flow_id = $1",
        [flow],
      ),
    ).rejects.toThrow("does not change");
  });
});

describe("ticks missed while nothing ran", () => {
  it.each([
    { catchup: "all", days: [3, 2, 1, 0], dropped: 0, why: "every one, in order" },
    { catchup: "latest", days: [0], dropped: 3, why: "the newest, which is on time" },
    { catchup: "none", days: [0], dropped: 3, why: "only the one on time" },
  ] as const)("catchup $catchup: $why", async ({ catchup, days, dropped }) => {
    const now = await scheduleNow({ catchup }, 3);
    await fire();
    const made = await runs();
    expect(made.map(({ tick }) => tick)).toEqual(days.map((day) => iso(now - day * DAY_MS)));
    const started = catchup === "all" ? 3 : 0;
    expect(await events()).toEqual([
      {
        verb: "missed",
        detail: {
          catchup,
          first: iso(now - 3 * DAY_MS),
          last: iso(now - DAY_MS),
          count: dropped + started,
          exact: true,
          started,
        },
      },
    ]);
  });

  it("run one after the other, oldest first", async () => {
    await scheduleNow({ catchup: "all" }, 2);
    await fire();
    expect((await runs()).map(({ held }) => held)).toEqual([false, true, true]);
    for (const done of [1, 2, 3]) {
      await runner.drain();
      const states = (await runs()).map(({ state }) => state);
      expect(states.filter((state) => state === "succeeded")).toHaveLength(done);
      expect(states.slice(0, done).every((state) => state === "succeeded")).toBe(true);
      await releaseRuns(database.pool);
    }
  });

  it("are fired in portions when there are very many", async () => {
    await scheduleNow({ catchup: "all" }, 120);
    const portions: number[] = [];
    for (let before = 0; ; before = portions.reduce((sum, n) => sum + n, 0)) {
      if ((await fire()).schedules === 0) break;
      portions.push((await runs()).length - before);
    }
    expect(portions).toEqual([50, 50, 21]);
  });
});

describe("a tick while the run before goes on", () => {
  /** A schedule with a run that goes on, which somebody asked for, and a tick that is due now. */
  async function overlapping(overlap: ScheduleSpec["overlap"]): Promise<string> {
    const now = await scheduleNow({ overlap });
    const deps = { pool: database.pool, prisma: createPrisma(database.pool) };
    await runScheduleNow(deps, operator, { flow, key: "1", idempotencyKey: randomUUID() });
    return iso(now);
  }

  it("queue: waits until it has ended", async () => {
    const tick = await overlapping("queue");
    await fire();
    expect(await runs()).toMatchObject([
      { held: false, state: "queued" },
      { held: true, state: "queued", tick },
    ]);
    expect((await releaseRuns(database.pool)).released).toBe(0);
    expect(await runner.drain()).toEqual(["only"]);
    expect((await releaseRuns(database.pool)).released).toBe(1);
    expect(await runner.drain()).toEqual(["only"]);
    expect((await runs()).map(({ state }) => state)).toEqual(["succeeded", "succeeded"]);
  });

  it("skip: makes no run and says for which one", async () => {
    await overlapping("skip");
    const [first] = await runs();
    await fire();
    expect(await runs()).toHaveLength(1);
    expect(await events()).toContainEqual({ verb: "skipped", detail: { run: first?.id } });
  });

  it("cancel: ends the run before and starts after it", async () => {
    await overlapping("cancel");
    const [first] = await runs();
    await fire();
    expect((await runs()).map(({ state }) => state)).toEqual(["cancelled", "queued"]);
    expect(await events()).toContainEqual({ verb: "replaced", detail: { runs: [first?.id] } });
    expect((await releaseRuns(database.pool)).released).toBe(1);
    await runner.drain();
    expect((await runs()).map(({ state }) => state)).toEqual(["cancelled", "succeeded"]);
  });
});

describe("a held run", () => {
  it("is let go by one of many", async () => {
    await scheduleNow({ catchup: "all" }, 2);
    await fire();
    await runner.drain();
    const released = await Promise.all(Array.from({ length: 6 }, () => releaseRuns(database.pool)));
    expect(released.reduce((sum, pass) => sum + pass.released, 0)).toBe(1);
  });

  it("can be cancelled, and the next one has its turn", async () => {
    await scheduleNow({ catchup: "all" }, 2);
    await fire();
    const [, second] = await runs();
    await cancelRun(database.pool, second?.id ?? "", "test");
    await runner.drain();
    await releaseRuns(database.pool);
    await runner.drain();
    expect((await runs()).map(({ state }) => state)).toEqual([
      "succeeded",
      "cancelled",
      "succeeded",
    ]);
  });

  it("decides the conditions of its first tasks only when it is let go", async () => {
    const now = await databaseNow(database.pool);
    await publishScheduled(database.pool, {
      id: flow,
      schedules: [dailyAt(now, { catchup: "all" })],
      tasks: { never: { if: "failure()" }, after: { needs: ["never"] }, other: {} },
    });
    await standAt(database.pool, flow, now - DAY_MS);
    await fire();
    const states = async () => {
      const result = await database.pool.query(
        `select t.state from task_run t join run r on r.id = t.run_id
          where r.flow_id = $1 order by r.tick_at, t.ordinal`,
        [flow],
      );
      return result.rows.map((row) => row.state);
    };
    const first = ["skipped", "skipped", "ready"];
    expect(await states()).toEqual([...first, "waiting", "waiting", "waiting"]);
    await runner.drain();
    await releaseRuns(database.pool);
    expect((await states()).slice(3)).toEqual(first);
    await runner.drain();
    expect((await runs()).map(({ state }) => state)).toEqual(["succeeded", "succeeded"]);
  });
});

describe("a schedule that cannot fire", () => {
  it("is passed over and recorded while the others fire", async () => {
    const now = await scheduleNow();
    const poison = `poison-${flow}`;
    await publishScheduled(database.pool, { id: poison, schedules: [dailyAt(now)] });
    await standAt(database.pool, poison, now - 1_000);
    await database.pool.query(
      'update schedule set spec = spec || \'{"cron":"nonsense"}\' where flow_id = $1',
      [poison],
    );
    const { failed } = await fire();
    expect(failed).toMatchObject([{ flowId: poison, key: "1", error: { code: "INVALID_CRON" } }]);
    expect(await runs()).toHaveLength(1);
    expect(await runs(poison)).toEqual([]);
    expect(await nextOf(poison)).toBeNull();
    expect(await events(poison)).toMatchObject([
      { verb: "failed", detail: { message: expect.stringContaining("five fields") } },
    ]);
    expect((await fire()).schedules).toBe(0);
  });

  it("rests while its flow is archived", async () => {
    await scheduleNow();
    await database.pool.query("update flow set archived_at = now() where id = $1", [flow]);
    await fire();
    expect(await runs()).toEqual([]);
    expect(await nextOf()).toBeNull();
  });
});

describe("the key of a tick", () => {
  it("gives the run that is there to whoever comes second", async () => {
    const now = await scheduleNow();
    await fire();
    const [run] = await runs();
    const client = await database.pool.connect();
    try {
      const known = await client.query(
        `select r.revision_id, v.hash from run r join revision v on v.id = r.revision_id where r.id = $1`,
        [run?.id],
      );
      const again = await startRuns(client, [
        {
          flowId: flow,
          revisionId: known.rows[0].revision_id,
          revisionHash: known.rows[0].hash,
          params: {},
          interval: null,
          timezone: "UTC",
          trigger: "schedule",
          createdBy: "test",
          idempotencyKey: null,
          requestHash: null,
          schedule: { key: "1", tick: iso(now), held: false },
        },
      ]);
      expect(again).toEqual([{ created: false, id: run?.id, requestHash: null }]);
    } finally {
      client.release();
    }
  });
});

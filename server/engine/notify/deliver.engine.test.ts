/** Notices from their cause to a receiver, through real runners and a real process that delivers. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { operator } from "#server/auth/actor.ts";
import type { DeliveryView } from "#server/core/notify/channel.ts";
import { channelDraft } from "#server/core/notify/channel.ts";
import type { NoticeEvent } from "#server/core/notify/view.ts";
import { createPrisma } from "#server/db/connection.ts";
import { freePort } from "#server/db/embedded/port.ts";
import { hasDeliverer } from "#server/db/notify/channels.ts";
import { backfillPlanInput } from "#server/usecases/backfills/inputs.ts";
import { planBackfill } from "#server/usecases/backfills/plan.ts";
import { startBackfill } from "#server/usecases/backfills/start.ts";
import type { Deps } from "#server/usecases/deps.ts";
import {
  addChannel,
  getDelivering,
  listDeliveries,
  testChannel,
} from "#server/usecases/notify/channels.ts";
import { listInbox } from "#server/usecases/notify/inbox.ts";
import { deliveriesInput, inboxInput } from "#server/usecases/notify/inputs.ts";
import { programs } from "../../../test/engine/programs.ts";
import { quickLease } from "../../../test/engine/runner-process.ts";
import { awaitRun, startRun, storeFlow, until } from "../../../test/engine/runs.ts";
import { createWorld, type EngineWorld } from "../../../test/engine/world.ts";
import { buildFlow } from "../../../test/flow-builder.ts";
import { type Receiver, startReceiver } from "../../../test/receiver.ts";
import {
  DAY_MS,
  dailyAt,
  databaseNow,
  publishScheduled,
  standAt,
} from "../../../test/schedules.ts";
import type { FaultPoint } from "../faults.ts";

/** Processes and servers that a test has left, by what ends them. */
const leftovers: (() => unknown)[] = [];

beforeAll(async () => {
  vi.stubEnv("IDEM_SECRET_KEY", randomBytes(32).toString("base64"));
});
afterAll(async () => {
  for (const end of leftovers) await end();
  vi.unstubAllEnvs();
});

async function makeWorld(): Promise<{ world: EngineWorld; deps: Deps }> {
  const world = await createWorld();
  leftovers.push(() => world.remove());
  return { world, deps: { pool: world.pool, prisma: createPrisma(world.pool) } };
}

async function receiver(answer: () => number | "never"): Promise<Receiver> {
  const started = await startReceiver(answer);
  leftovers.push(() => started.close());
  return started;
}

/** The process that delivers. It is up when it says so or has died of what it was asked to die of. */
async function startJobs(world: EngineWorld, fault?: FaultPoint): Promise<ChildProcess> {
  const child = spawn(process.execPath, [programs.jobs], {
    env: {
      PATH: process.env.PATH,
      NODE_ENV: "test",
      DATABASE_URL: world.url,
      IDEM_HOME: world.home,
      IDEM_SECRET_KEY: process.env.IDEM_SECRET_KEY,
      ...(fault === undefined ? {} : { IDEM_FAULT_POINT: fault }),
    } as NodeJS.ProcessEnv,
    stdio: ["ignore", "ignore", "inherit"],
  });
  leftovers.unshift(() => child.kill("SIGKILL"));
  if (fault === undefined) await until("deliveries to begin", () => hasDeliverer(world.pool));
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

const addHook = async (deps: Deps, name: string, url: string, byDefault = true) => {
  const draft = channelDraft.parse({ name, kind: "webhook", settings: { url }, byDefault });
  return (await addChannel(deps, operator, draft)).secret ?? "";
};
const deliveriesOf = async (deps: Deps, channel: string): Promise<DeliveryView[]> =>
  (await listDeliveries(deps, operator, deliveriesInput.parse({ channel }))).items;

describe.concurrent("a process that delivers and is killed", () => {
  const KILLS = 5;
  const DELIVERIES = 3;

  it(`loses nothing in the middle of requests, ${KILLS} times in a row`, async () => {
    const { world, deps } = await makeWorld();
    let silent = true;
    const { url, received, waiting } = await receiver(() => (silent ? "never" : 204));
    const secret = await addHook(deps, "ops", url);
    for (let n = 0; n < DELIVERIES; n++) await testChannel(deps, operator, { name: "ops" });
    for (let n = 0; n < KILLS; n++) {
      const jobs = await startJobs(world);
      await until("requests to be on their way", async () => waiting() === DELIVERIES);
      await kill(jobs);
      await until("their connections to break", async () => waiting() === 0);
      await until("it to be known that nobody delivers", async () => {
        return !(await getDelivering(deps, operator)).delivering;
      });
    }
    silent = false;
    await startJobs(world);
    const delivered = await until("everything to be delivered", async () => {
      const list = await deliveriesOf(deps, "ops");
      return list.every(({ state }) => state === "sent") ? list : null;
    });
    // The same message under the same id each time, so that a receiver can tell that it has it.
    for (const { id } of delivered) {
      const same = received.filter(({ headers }) => headers["webhook-id"] === `idem_${id}`);
      expect(same).toHaveLength(KILLS + 1);
      for (const { headers, body } of same) {
        const read = new Webhook(secret).verify(body, headers as Record<string, string>);
        expect(read).toMatchObject({ type: "test" });
      }
    }
    expect(received).toHaveLength(DELIVERIES * (KILLS + 1));
    for (const { tries } of delivered) {
      expect(tries.map(({ ok }) => ok)).toEqual([...Array(KILLS).fill(false), true]);
      expect(tries[0]?.message).toContain("ended before the receiver had answered");
    }
  });

  it.each([
    { point: "before-delivery", heard: 1, why: "nothing had gone out" },
    { point: "after-delivery", heard: 2, why: "what had gone out was not on record" },
  ] as const)("tells of a failed run that was committed: $point", async ({ point, heard }) => {
    const { world, deps } = await makeWorld();
    const { url, received } = await receiver(() => 204);
    await addHook(deps, "ops", url);
    // It waits for work, with nothing to die of yet.
    const doomed = await startJobs(world, point);
    await until("deliveries to begin", () => hasDeliverer(world.pool));
    await world.startRunner();
    const bad = buildFlow("bad", { only: { type: "shell", with: { run: "exit 3" } } });
    const run = await startRun(world.pool, await storeFlow(world.pool, bad));
    if (doomed.exitCode === null && doomed.signalCode === null) await once(doomed, "exit");
    expect(doomed.signalCode).toBe("SIGKILL");
    expect((await awaitRun(world.pool, run)).state).toBe("failed");
    expect(received).toHaveLength(heard - 1);
    await startJobs(world);
    const [delivery] = await until("it to be delivered", async () => {
      const list = await deliveriesOf(deps, "ops");
      return list[0]?.state === "sent" ? list : null;
    });
    expect(delivery).toMatchObject({ event: "failed", run, tries: [{ ok: false }, { ok: true }] });
    expect(received.map(({ headers }) => headers["webhook-id"])).toEqual(
      Array(heard).fill(`idem_${delivery?.id}`),
    );
  });
});

describe.concurrent("a notice reaches the inbox and a channel", () => {
  let world: EngineWorld;
  let deps: Deps;
  let told: Receiver;
  beforeAll(async () => {
    ({ world, deps } = await makeWorld());
    told = await receiver(() => 204);
    await addHook(deps, "ops", told.url);
    await startJobs(world);
    await world.startRunner({ ...quickLease, IDEM_LEASE_MS: "60000" });
  });

  /** What the inbox and the receiver hold of an event, once both hold the same and something. */
  async function heard(event: NoticeEvent, flow?: string) {
    return until(`notices ${event} to arrive`, async () => {
      const filter = inboxInput.parse({ event, ...(flow === undefined ? {} : { flow }) });
      const inbox = (await listInbox(deps, operator, filter)).items;
      const received = told.received
        .map(({ body }) => JSON.parse(body))
        .filter(({ type, data }) => type === event && (flow === undefined || data.flow === flow));
      return inbox.length > 0 && received.length === inbox.length ? { inbox, received } : null;
    });
  }

  it("when a task takes longer than it may", async () => {
    const slow = buildFlow("slow", {
      only: { type: "shell", with: { run: "sleep 30" }, timeoutMs: 200 },
    });
    const run = await startRun(world.pool, await storeFlow(world.pool, slow));
    const { inbox, received } = await heard("timed_out", "slow");
    expect(inbox).toMatchObject([
      { run: { id: run, state: "failed", firstError: { task: "only" } }, incident: { open: true } },
    ]);
    expect(received).toMatchObject([{ data: { title: "slow timed out", run: { id: run } } }]);
    expect(received[0].data.text).toContain("Timed out after");
  });

  it("when ticks were missed while nothing looked", async () => {
    const now = await databaseNow(world.pool);
    const due = now - 600_000;
    await publishScheduled(world.pool, {
      id: "late",
      schedules: [dailyAt(due, { catchup: "none" })],
    });
    await standAt(world.pool, "late", due - 2 * DAY_MS);
    const { inbox, received } = await heard("schedule_missed", "late");
    const first = new Date(due - 2 * DAY_MS).toISOString();
    expect(inbox).toMatchObject([{ detail: { schedule: "1", count: 3, started: 0, first } }]);
    expect(received).toMatchObject([{ data: { title: "late missed 3 ticks" } }]);
    expect(received[0].data.text).toContain(`Ticks ${first} to `);
  });

  it("when a backfill ends, once for all of its runs", async () => {
    await publishScheduled(world.pool, {
      id: "refill",
      schedules: [],
      tasks: { only: { type: "shell", with: { run: "exit 3" } } },
    });
    const range = { flow: "refill", from: "2024-03-01", to: "2024-03-05", concurrency: 4 };
    const { id, hash } = await planBackfill(deps, operator, backfillPlanInput.parse(range));
    await startBackfill(deps, operator, { id, planHash: hash, idempotencyKey: randomUUID() });
    const { inbox, received } = await heard("backfill_finished", "refill");
    expect(inbox).toMatchObject([
      { backfill: id, detail: { state: "failed", succeeded: 0, failed: 4, total: 4 } },
    ]);
    expect(received).toMatchObject([
      { data: { title: "Backfill of refill ended with failures", backfill: id } },
    ]);
    expect(received[0].data.url).toContain(`/backfills/${id}`);
    const [delivery] = (await deliveriesOf(deps, "ops")).filter(({ backfill }) => backfill === id);
    expect(delivery).toMatchObject({ event: "backfill_finished", flow: "refill", run: null });
    const failures = inboxInput.parse({ flow: "refill", event: "failed" });
    expect((await listInbox(deps, operator, failures)).items).toEqual([]);
  });

  it("when a runner stops answering", async () => {
    // Long enough not to end by itself on a busy machine.
    const dead = await world.startRunner({ IDEM_HEARTBEAT_MS: "200", IDEM_LEASE_MS: "3000" });
    const { rows } = await world.pool.query("select name from runner where id = $1", [dead.id]);
    const { name } = rows[0];
    dead.kill("SIGKILL");
    await dead.exit();
    const { inbox, received } = await heard("runner_lost");
    expect(inbox).toMatchObject([{ detail: { runner: name }, flow: null, run: null }]);
    expect(received).toMatchObject([{ data: { title: `Runner ${name} stopped answering` } }]);
    expect(received[0].data.url).toMatch(/\/runners$/);
    const [delivery] = (await deliveriesOf(deps, "ops")).filter(({ runner }) => runner === name);
    expect(delivery).toMatchObject({ event: "runner_lost", flow: null, backfill: null });
  });
});

it("never waits for receivers: a hundred runs end while the first of many requests is unanswered", async () => {
  const { world, deps } = await makeWorld();
  const silent = await receiver(() => "never");
  await addHook(deps, "silent", silent.url);
  await addHook(deps, "dead", `http://127.0.0.1:${await freePort()}/`);
  await startJobs(world);
  await world.startRunner({ ...quickLease, IDEM_LEASE_MS: "60000" });
  const http = { type: "http", with: { url: "no address" } };
  const stored = await storeFlow(world.pool, buildFlow("bad", { only: http }));
  const day = (n: number) => new Date(Date.UTC(2024, 0, n)).toISOString();
  const runs: string[] = [];
  for (let n = 1; n <= 100; n++) {
    runs.push(await startRun(world.pool, stored, { interval: { start: day(n), end: day(n + 1) } }));
  }
  for (const run of runs) expect((await awaitRun(world.pool, run)).state).toBe("failed");
  const { rows } = await world.pool.query(
    `select count(*)::int as all, count(*) filter (where d.ended_at is not null)::int as ended,
            count(t.number) filter (where c.name = 'silent')::int as tried
       from delivery d join channel c on c.id = d.channel_id
       left join delivery_try t on t.delivery_id = d.id`,
  );
  // Each waits for as long as a try may take; had a run waited for one, it would be on record.
  expect(rows[0].ended).toBe(0);
  expect(rows[0].tried).toBe(0);
  await until("requests to hang", async () => silent.waiting() > 0);
});

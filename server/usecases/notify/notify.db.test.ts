import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SMTPServer } from "smtp-server";
import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Actor, operator } from "#server/auth/actor.ts";
import { canonicalJson, sha256Hex } from "#server/core/flow/canonical.ts";
import { channelDraft } from "#server/core/notify/channel.ts";
import { closeIncidents } from "#server/db/notify/notices.ts";
import { inTransaction } from "#server/db/transaction.ts";
import { type Deliverer, startDeliverer } from "#server/engine/notify/deliver.ts";
import { openSecretBox } from "#server/engine/notify/secret-box.ts";
import { fireSchedules } from "#server/engine/schedule/fire-schedules.ts";
import { storeFlow } from "#server/usecases/flows/store.ts";
import { createRun } from "#server/usecases/runs/create.ts";
import { buildFlow } from "../../../test/flow-builder.ts";
import { type Answer, startReceiver } from "../../../test/receiver.ts";
import {
  DAY_MS,
  dailyAt,
  databaseNow,
  publishScheduled,
  standAt,
} from "../../../test/schedules.ts";
import { sharedDatabase, sharedRunner } from "../../../test/shared-database.ts";
import {
  addChannel,
  changeChannel,
  getDelivering,
  listChannels,
  listDeliveries,
  removeChannel,
  resend,
  rotateSecret,
  testChannel,
} from "./channels.ts";
import { getUnread, listInbox, markRead } from "./inbox.ts";
import { deliveriesInput, inboxInput } from "./inputs.ts";

const database = sharedDatabase();
const { deps } = database;
const runner = sharedRunner(database);

let home: string;
let flow: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "idem-notify-"));
  vi.stubEnv("IDEM_HOME", home);
  vi.stubEnv("IDEM_SECRET_KEY", "");
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true });
});

beforeEach(() => {
  flow = `flow-${randomUUID()}`;
});

/** Servers and deliverers of one test, closed after it. */
const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
  for (const { name } of await listChannels(deps, operator)) {
    await removeChannel(deps, operator, { name });
  }
});

async function publish(notify: { on: string[]; to: string }[] = []): Promise<void> {
  const built = buildFlow(flow, { only: {} }, { token: { type: "string", writeOnly: true } });
  const spec = { ...built.spec, notify };
  const canonical = canonicalJson(spec);
  const told = { ...built, spec, canonical, hash: sha256Hex(canonical) };
  await inTransaction(deps.pool, (client) => storeFlow(client, told, "push", "test"));
}

const interval = (day: number) => ({
  start: new Date(Date.UTC(2026, 0, day)).toISOString(),
  end: new Date(Date.UTC(2026, 0, day + 1)).toISOString(),
});

/** Runs the flow over a day of January 2026. @returns the run's id */
async function runDay(day: number, how: "fail" | "succeed"): Promise<string> {
  const run = await createRun(deps, operator, {
    flow,
    params: { token: "hunter2" },
    interval: interval(day),
    idempotencyKey: randomUUID(),
  });
  await runner.drain(how === "fail" ? { only: "fail" } : {});
  return run.id;
}

const close = () => inTransaction(deps.pool, (client) => closeIncidents(client, 100));
const inbox = async (more: object = {}) =>
  (await listInbox(deps, operator, inboxInput.parse({ flow, ...more }))).items;
const events = async () => (await inbox()).map(({ event }) => event);
const deliveries = async (channel: string) =>
  (await listDeliveries(deps, operator, deliveriesInput.parse({ channel }))).items;

describe("an incident", () => {
  it("is told once however often its interval fails, and once more when it recovers", async () => {
    await publish();
    const first = await runDay(1, "fail");
    await runDay(1, "fail");
    await close();
    expect(await events()).toEqual(["failed"]);
    const [notice] = await inbox();
    expect(notice).toMatchObject({
      run: { id: first, interval: interval(1), firstError: { message: "exit code 1" } },
      incident: { failures: 2, open: true },
    });
    const good = await runDay(1, "succeed");
    await close();
    await close();
    const [recovered, failed] = await inbox();
    expect(recovered).toMatchObject({
      event: "recovered",
      run: { id: good },
      detail: { failures: 2 },
    });
    expect(failed).toMatchObject({ incident: { open: false } });
    await runDay(1, "fail");
    expect(await events()).toEqual(["failed", "recovered", "failed"]);
  });

  it("is one of each interval: another one neither joins nor ends it", async () => {
    await publish();
    await runDay(1, "fail");
    await runDay(2, "fail");
    await runDay(3, "succeed");
    await close();
    expect(await events()).toEqual(["failed", "failed"]);
  });

  it("never shows a parameter that its flow marks as write-only", async () => {
    await publish();
    await runDay(1, "fail");
    expect(JSON.stringify(await inbox())).not.toContain("hunter2");
  });
});

describe("missed ticks", () => {
  it("are told once", async () => {
    const now = await databaseNow(deps.pool);
    await publishScheduled(deps.pool, {
      id: flow,
      schedules: [dailyAt(now - 600_000, { catchup: "none" })],
    });
    await standAt(deps.pool, flow, now - 600_000 - 2 * DAY_MS);
    await fireSchedules(deps.pool, 100);
    expect(await inbox()).toMatchObject([
      { event: "schedule_missed", detail: { schedule: "1", count: 3, started: 0 } },
    ]);
  });
});

describe("the inbox", () => {
  it("goes page by page, counts what is unread and marks it read", async () => {
    await publish();
    for (const day of [1, 2, 3]) await runDay(day, "fail");
    const page = await listInbox(deps, operator, inboxInput.parse({ flow, limit: 2 }));
    expect(page.items).toHaveLength(2);
    expect(await inbox({ cursor: page.next })).toHaveLength(1);
    const before = await getUnread(deps, operator);
    const ids = page.items.map(({ id }) => id);
    expect(await markRead(deps, operator, { ids })).toEqual({
      marked: 2,
      unread: before.unread - 2,
    });
    expect(await inbox({ unread: true })).toHaveLength(1);
    const [newest] = await inbox();
    await markRead(deps, operator, { upTo: newest?.id ?? "" });
    expect(await getUnread(deps, operator)).toEqual({ unread: 0 });
  });
});

/** A receiver for as long as the test lasts. */
async function receiver(answer: Answer) {
  const started = await startReceiver(answer);
  open.push(() => started.close());
  return started;
}

/** What the process would have logged. Tries that fail are on record, and no complaint. */
const complaints: string[] = [];
afterAll(() => expect(complaints).toEqual([]));

async function deliverer(): Promise<Deliverer> {
  const started = await startDeliverer({
    pool: deps.pool,
    secrets: openSecretBox(process.env),
    address: "http://idem.test",
    onError: (message) => complaints.push(message),
  });
  open.push(() => started.stop());
  return started;
}

const add = (draft: object) => addChannel(deps, operator, channelDraft.parse(draft));
const wait = { timeout: 8_000, interval: 30 };

describe("a webhook", () => {
  it("gets a signed message that the library verifies, and its secret is shown once", async () => {
    const { received, url } = await receiver(() => 204);
    const { secret } = await add({
      name: "ops",
      kind: "webhook",
      settings: { url },
      byDefault: true,
    });
    await publish();
    const run = await runDay(1, "fail");
    await deliverer();
    await vi.waitFor(() => expect(received).toHaveLength(1), wait);
    const [{ headers, body } = { headers: {}, body: "" }] = received;
    const read = new Webhook(secret ?? "").verify(body, headers as Record<string, string>);
    expect(read).toMatchObject({
      type: "failed",
      data: { flow, run: { id: run }, url: `http://idem.test/runs/${run}` },
    });
    expect(body).not.toContain("hunter2");
    const wrong = new Webhook(`whsec_${Buffer.alloc(32, 1).toString("base64")}`);
    expect(() => wrong.verify(body, headers as Record<string, string>)).toThrow();
    await vi.waitFor(async () => {
      expect(await deliveries("ops")).toMatchObject([
        { state: "sent", run, tries: [{ number: 1, ok: true, message: "204 No Content" }] },
      ]);
    }, wait);
    const shown = JSON.stringify(await listChannels(deps, operator));
    expect(shown).not.toContain("whsec_");
    const stored = await deps.pool.query<{ secret: Buffer }>("select secret from channel");
    expect(stored.rows.some((row) => row.secret?.includes("whsec_"))).toBe(false);
    const rotated = await rotateSecret(deps, operator, { name: "ops" });
    expect(rotated.secret).not.toBe(secret);
  });

  it("is tried again after a failure, each try on record, and can be sent anew", async () => {
    const { received, url } = await receiver((n) => (n === 1 ? 302 : 200));
    await add({ name: "ops", kind: "webhook", settings: { url } });
    await deliverer();
    const { delivery } = await testChannel(deps, operator, { name: "ops" });
    const last = async () => (await listChannels(deps, operator))[0]?.last;
    await vi.waitFor(async () => {
      expect(await last()).toMatchObject({
        state: "waiting",
        message: expect.any(String),
        fault: "http_status",
        nextTryAt: expect.any(String),
      });
    }, wait);
    const due = (await last())?.nextTryAt;
    expect((await deliveries("ops"))[0]).toMatchObject({
      nextTryAt: due,
      tries: [{ ok: false, fault: "http_status" }],
    });
    const job = await deps.pool.query<{ at: Date }>(
      "select run_at as at from graphile_worker.jobs where key = $1",
      [`delivery:${delivery}`],
    );
    expect(job.rows[0]?.at.toISOString()).toBe(due);
    await vi.waitFor(async () => {
      expect(await last()).toMatchObject({ state: "sent", fault: null, nextTryAt: null });
      expect((await deliveries("ops"))[0]).toMatchObject({ id: delivery, state: "sent" });
    }, wait);
    const [sent] = await deliveries("ops");
    expect(sent?.tries.map(({ ok }) => ok)).toEqual([false, true]);
    expect(received.map(({ headers }) => headers["webhook-id"])).toEqual([
      `idem_${delivery}`,
      `idem_${delivery}`,
    ]);
    const again = await resend(deps, operator, { id: delivery });
    await vi.waitFor(async () => {
      expect((await deliveries("ops"))[0]).toMatchObject({
        id: again.delivery,
        resentOf: delivery,
        state: "sent",
      });
    }, wait);
  });

  it("that never answers holds up nothing: runs end and other channels hear of them", async () => {
    const dead = await receiver(() => "never");
    const good = await receiver(() => 200);
    await add({ name: "dead", kind: "webhook", settings: { url: dead.url }, byDefault: true });
    await add({ name: "good", kind: "webhook", settings: { url: good.url }, byDefault: true });
    await publish();
    await deliverer();
    for (const day of [1, 2, 3]) await runDay(day, "fail");
    await vi.waitFor(() => expect(good.received).toHaveLength(3), { ...wait, timeout: 5_000 });
    expect(await deliveries("dead")).toMatchObject([
      { state: "waiting" },
      { state: "waiting" },
      { state: "waiting" },
    ]);
    for (const stop of open.splice(0, 2)) await stop();
  });

  it("loses nothing when the process that delivers dies on the way", async () => {
    const { received, url } = await receiver(() => 200);
    await add({ name: "ops", kind: "webhook", settings: { url } });
    await (await deliverer()).stop();
    const { delivery } = await testChannel(deps, operator, { name: "ops" });
    // What a killed process leaves, the last of many: a job that it still seems to hold.
    await deps.pool.query(
      `update graphile_worker._private_jobs set locked_at = now(), locked_by = 'killed', attempts = max_attempts`,
    );
    await deliverer();
    await vi.waitFor(async () => {
      expect((await deliveries("ops"))[0]).toMatchObject({ id: delivery, state: "sent" });
    }, wait);
    expect(received).toHaveLength(1);
  });
});

describe("Slack", () => {
  it("gets the facts as text, in the channel's language, with markup made harmless", async () => {
    const { received, url } = await receiver(() => 200);
    await add({ name: "chat", kind: "slack", settings: {}, secret: url, language: "ko" });
    await publish([{ on: ["failed"], to: "chat" }]);
    const run = await runDay(1, "fail");
    await deliverer();
    await vi.waitFor(() => expect(received).toHaveLength(1), wait);
    const { text } = JSON.parse(received[0]?.body ?? "{}");
    expect(text).toContain(`*${flow}: 실패*`);
    expect(text).toContain("오류: exit code 1");
    expect(text).toContain(`<http://idem.test/runs/${run}>`);
    expect(JSON.stringify(await listChannels(deps, operator))).not.toContain(url);
  });
});

describe("e-mail", () => {
  it("arrives at a real SMTP server", async () => {
    let mail = "";
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["STARTTLS"],
      onData(stream, _session, done) {
        stream.on("data", (part: Buffer) => {
          mail += part.toString("utf8");
        });
        stream.on("end", () => done());
      },
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    open.push(() => new Promise<void>((done) => server.close(() => done())));
    const { port } = server.server.address() as AddressInfo;
    const settings = {
      host: "127.0.0.1",
      port,
      from: "idem@example.org",
      to: ["ops@example.org"],
    };
    await add({ name: "mail", kind: "email", settings, byDefault: true });
    await publish();
    const run = await runDay(1, "fail");
    await deliverer();
    await vi.waitFor(() => expect(mail).toContain(`/runs/${run}`), wait);
    expect(mail).toContain("To: ops@example.org");
    expect(mail).toContain(`Subject: ${flow} failed`);
  });
});

describe("who is told", () => {
  it("is whom the flow names, and unknown names are kept with the notice", async () => {
    const { url } = await receiver(() => 200);
    await add({ name: "lead", kind: "webhook", settings: { url }, byDefault: true });
    await add({ name: "other", kind: "webhook", settings: { url } });
    await publish([
      { on: ["failed"], to: "other" },
      { on: ["failed"], to: "nobody" },
      { on: ["recovered"], to: "lead" },
    ]);
    await runDay(1, "fail");
    expect(await deliveries("lead")).toHaveLength(0);
    expect(await deliveries("other")).toHaveLength(1);
    expect(await inbox()).toMatchObject([{ unknownChannels: ["nobody"] }]);
    await runDay(1, "succeed");
    await close();
    expect(await deliveries("lead")).toHaveLength(1);
  });

  it("is refused where it cannot be", async () => {
    const { url } = await receiver(() => 200);
    await add({ name: "ops", kind: "webhook", settings: { url } });
    await expect(add({ name: "ops", kind: "webhook", settings: { url } })).rejects.toMatchObject({
      code: "CONFLICT",
    });
    await expect(add({ name: "chat", kind: "slack", settings: {} })).rejects.toMatchObject({
      code: "INVALID_INPUT",
    });
    const other = channelDraft.parse({ name: "none", kind: "webhook", settings: { url } });
    await expect(changeChannel(deps, operator, other)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("permissions", () => {
  const nobody: Actor = { kind: "operator", name: "nobody", permissions: new Set() };
  const name = { name: "ops" };
  it.each([
    { what: "inbox", ask: () => listInbox(deps, nobody, inboxInput.parse({})) },
    { what: "unread", ask: () => getUnread(deps, nobody) },
    { what: "mark read", ask: () => markRead(deps, nobody, { upTo: "1" }) },
    { what: "channels", ask: () => listChannels(deps, nobody) },
    { what: "rotate", ask: () => rotateSecret(deps, nobody, name) },
    { what: "remove", ask: () => removeChannel(deps, nobody, name) },
    { what: "test", ask: () => testChannel(deps, nobody, name) },
    { what: "delivering", ask: () => getDelivering(deps, nobody) },
    { what: "resend", ask: () => resend(deps, nobody, { id: "1" }) },
    { what: "deliveries", ask: () => listDeliveries(deps, nobody, deliveriesInput.parse({})) },
  ])("$what needs one", async ({ ask }) => {
    await expect(ask()).rejects.toMatchObject({ code: "FORBIDDEN" });
  });
});

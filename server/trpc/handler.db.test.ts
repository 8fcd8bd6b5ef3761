import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { operator } from "#server/auth/actor.ts";
import { inTransaction } from "#server/db/transaction.ts";
import { storeFlow } from "#server/usecases/flows/store.ts";
import { buildFlow } from "../../test/flow-builder.ts";
import { sharedDatabase } from "../../test/shared-database.ts";
import { webDeps } from "./deps.ts";
import { handleTrpc } from "./handler.ts";
import { appRouter } from "./router.ts";

const database = sharedDatabase();

beforeAll(async () => {
  vi.stubEnv("DATABASE_URL", database.url);
  await inTransaction(database.pool, (client) =>
    storeFlow(client, buildFlow("simple", { only: {} }), "push", operator.name),
  );
});

afterAll(async () => {
  const deps = webDeps();
  await deps.live.close();
  await deps.pool.end();
  globalThis.idemDeps = undefined;
  vi.unstubAllEnvs();
});

const base = "http://127.0.0.1:3000";

function ask(path: string, input?: unknown, headers: Record<string, string> = {}) {
  const query = input === undefined ? "" : `?input=${encodeURIComponent(JSON.stringify(input))}`;
  return handleTrpc(
    new Request(`${base}/api/trpc/${path}${query}`, {
      headers: { host: "127.0.0.1:3000", ...headers },
    }),
  );
}

function send(path: string, body: string, headers: Record<string, string> = {}) {
  return handleTrpc(
    new Request(`${base}/api/trpc/${path}`, {
      method: "POST",
      body,
      headers: { host: "127.0.0.1:3000", "content-type": "application/json", ...headers },
    }),
  );
}

async function createRun(): Promise<{ id: string }> {
  const order = { flow: "simple", idempotencyKey: randomUUID() };
  const created = await send("runs.create", JSON.stringify(order));
  return ((await created.json()) as { result: { data: { id: string } } }).result.data;
}

const appError = async (response: Response) =>
  ((await response.json()) as { error: { data: { app: Record<string, unknown> } } }).error.data.app;

describe("who is answered", () => {
  it.each([
    { host: "127.0.0.1:3000", status: 200, why: "the printed address" },
    { host: "localhost:3000", status: 200, why: "the same machine by name" },
    { host: "[::1]:3000", status: 200, why: "loopback of IPv6" },
    { host: "evil.example:3000", status: 403, why: "a foreign name that resolves here" },
    { host: "127.0.0.1.evil.example", status: 403, why: "a name that only begins like loopback" },
  ])("Host $host: $status, $why", async ({ host, status }) => {
    expect((await ask("flows.list", undefined, { host })).status).toBe(status);
  });

  it.each([
    { origin: base, status: 200, why: "its own page" },
    { origin: "http://127.0.0.1:4000", status: 403, why: "another port is another origin" },
    { origin: "https://evil.example", status: 403, why: "a foreign page" },
    { origin: "null", status: 403, why: "a sandboxed frame" },
  ])("Origin $origin: $status, $why", async ({ origin, status }) => {
    expect((await ask("flows.list", undefined, { origin })).status).toBe(status);
  });

  it("authorises in every procedure: none answers a foreign host", async () => {
    const procedures = Object.entries(appRouter._def.procedures);
    expect(procedures.length).toBeGreaterThan(25);
    for (const [path, procedure] of procedures) {
      const { type } = (procedure as unknown as { _def: { type: string } })._def;
      const headers = { host: "evil.example" };
      const response =
        type === "mutation" ? await send(path, "{}", headers) : await ask(path, {}, headers);
      expect(response.status, path).toBe(403);
    }
  });
});

describe("what is refused", () => {
  it.each([
    { path: "runs.get", input: { id: "1 or 1=1" }, why: "an id that is no number" },
    { path: "runs.get", input: { id: "99999999999999999999" }, why: "an id beyond bigint" },
    { path: "runs.get", input: { id: { gt: 0 } }, why: "an object where a text is expected" },
    { path: "runs.list", input: { filter: { flow: { not: "" } } }, why: "an operator as a filter" },
    { path: "runs.list", input: { limit: 100_000 }, why: "a page without end" },
    { path: "runs.list", input: { where: {} }, why: "a key nobody knows" },
    {
      path: "runs.log",
      input: { id: "1", task: "a", attempt: 1, count: 9_999 },
      why: "too long a page",
    },
    { path: "flows.grid", input: { flow: "a\u0000b" }, why: "a NUL character" },
    { path: "flows.grid", input: { flow: "a\ud800" }, why: "half of a surrogate pair" },
    {
      path: "runs.list",
      input: { filter: { params: { "\udc00": 1 } } },
      why: "half of a surrogate pair in a key",
    },
    {
      path: "runs.list",
      input: { filter: { intervalFrom: "0000-12-31T00:00:00Z" } },
      why: "a year that PostgreSQL does not know",
    },
    {
      path: "runs.list",
      input: { filter: { intervalTo: "9999-12-31T23:59:59-14:00" } },
      why: "a year of five digits, in UTC",
    },
    {
      path: "runs.draft",
      input: { flow: "simple", revision: 99_999_999_999 },
      why: "a number beyond those of revisions",
    },
  ])("$path $input: $why", async ({ path, input }) => {
    const response = await ask(path, input);
    expect(response.status).toBe(400);
    expect(await appError(response)).toMatchObject({ code: "INVALID_INPUT" });
  });

  it("answers a body that is no JSON with a clear error and no stack", async () => {
    const response = await send("runs.cancel", "{nonsense");
    expect(response.status).toBe(400);
    const text = await response.text();
    expect(text).toContain("INVALID_INPUT");
    expect(text).not.toMatch(/\bat .*\.(ts|js):\d+/);
  });

  it("says which method and which form of body it takes", async () => {
    const asked = await ask("runs.cancel", { id: "1" });
    expect(asked.status).toBe(405);
    expect(await appError(asked)).toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining("GET"),
      fix: expect.stringContaining("POST"),
    });
    const form = await send("runs.cancel", "id=1", {
      "content-type": "application/x-www-form-urlencoded",
    });
    expect(form.status).toBe(415);
    expect(await appError(form)).toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining("application/x-www-form-urlencoded"),
    });
  });

  it("tells a missing thing from a refused one by code, with what to do", async () => {
    const response = await ask("runs.get", { id: "424242" });
    expect(response.status).toBe(404);
    expect(await appError(response)).toMatchObject({
      code: "NOT_FOUND",
      message: "There is no run 424242.",
      fix: expect.any(String),
      requestId: response.headers.get("x-request-id"),
    });
  });

  it("takes no key for another that PostgreSQL could not tell from it", async () => {
    for (const half of ["\ud800", "\udc00"]) {
      const body = JSON.stringify({ flow: "simple", idempotencyKey: `same key ${half}` });
      const response = await send("runs.create", body);
      expect(response.status).toBe(400);
      expect(await appError(response)).toMatchObject({ code: "INVALID_INPUT" });
    }
  });

  it("reads no request beyond its limit, whether or not its length is said", async () => {
    const said = await send("runs.cancel", "{}", { "content-length": String(2 ** 30) });
    expect(said.status).toBe(413);
    expect(await appError(said)).toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        if (sent > 1_000) controller.close();
        else controller.enqueue(new Uint8Array(2 ** 20).fill(32));
      },
    });
    const request = new Request(`${base}/api/trpc/runs.cancel`, {
      method: "POST",
      body: endless,
      headers: { host: "127.0.0.1:3000", "content-type": "application/json" },
      duplex: "half",
    } as RequestInit);
    const unsaid = await handleTrpc(request);
    expect(await appError(unsaid)).toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
    expect(sent).toBeLessThan(100);
  });

  it("does not let __proto__ into parameters", async () => {
    const body = `{"flow":"simple","idempotencyKey":"${randomUUID()}","params":{"__proto__":{"a":1}}}`;
    const response = await send("runs.create", body);
    expect(response.status).toBe(400);
    expect(({} as Record<string, unknown>).a).toBeUndefined();
  });
});

it("says that another session has locked what a request needs, and leaves it at that", async () => {
  const { id } = await createRun();
  const holder = await database.pool.connect();
  try {
    await holder.query("begin");
    await holder.query("select from run where id = $1 for update", [id]);
    const refused = await send("runs.cancel", JSON.stringify({ id }));
    expect(refused.status).toBe(503);
    expect(await appError(refused)).toMatchObject({
      code: "UNAVAILABLE",
      message: "Another session has locked what this needs.",
    });
  } finally {
    await holder.query("rollback");
    holder.release();
  }
  const cancelled = await send("runs.cancel", JSON.stringify({ id }));
  expect(await cancelled.json()).toMatchObject({ result: { data: { state: "cancelled" } } });
}, 20_000);

describe("live views", () => {
  it("send everything first and then each change", async () => {
    const run = await createRun();
    const abort = new AbortController();
    const response = await handleTrpc(
      new Request(
        `${base}/api/trpc/runs.watch?input=${encodeURIComponent(JSON.stringify({ id: run.id }))}`,
        {
          headers: { host: "127.0.0.1:3000", accept: "text/event-stream" },
          signal: abort.signal,
        },
      ),
    );
    const events = readEvents(response);
    const first = await events.next();
    expect(first.value).toMatchObject({ run: { state: "queued" }, tasks: [{ id: "only" }] });
    await send("runs.cancel", JSON.stringify({ id: run.id }));
    const second = await events.next();
    expect(second.value).toMatchObject({
      run: { state: "cancelled" },
      tasks: [{ id: "only", state: "cancelled" }],
    });
    abort.abort();
  });
});

/** The data of each event of a stream that has any; tRPC's own events have other names. */
async function* readEvents(response: Response): AsyncGenerator<unknown> {
  if (response.body === null) throw new Error("the answer has no body");
  let text = "";
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += decoder.decode(value, { stream: true });
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const lines = text.slice(0, end).split("\n");
      text = text.slice(end + 2);
      const data = lines.find((line) => line.startsWith("data: "))?.slice(6);
      if (lines.some((line) => line.startsWith("event: ")) || data === undefined) continue;
      yield JSON.parse(data);
    }
  }
}

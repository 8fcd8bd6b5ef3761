/** Every task type, executed by a real runner. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { canonicalJson, sha256Hex } from "#server/core/flow/canonical.ts";
import type { CompiledFlow } from "#server/core/flow/spec.ts";
import { readLog } from "#server/db/run/logs.ts";
import {
  awaitRun,
  readAttempts,
  readRun,
  type StoredFlow,
  startRun,
  storeFlow,
  taskStates,
  until,
} from "../../../test/engine/runs.ts";
import { createWorld, type EngineWorld } from "../../../test/engine/world.ts";
import { buildFlow, type TaskDraft } from "../../../test/flow-builder.ts";
import { cancelRun, cancelTask } from "../settle/settle.ts";

let world: EngineWorld;
let server: Server;
let address: string;

beforeAll(async () => {
  world = await createWorld();
  await world.startRunner({
    IDEM_KILL_GRACE_MS: "300",
    // Nothing here is about leases: a machine that is busy must not look like a frozen runner.
    IDEM_LEASE_MS: "60000",
    CANARY: "leaked",
    IDEM_LOG_LIMIT_BYTES: `${2 ** 20}`,
  });
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () =>
      answer(request.url ?? "", Buffer.concat(parts).toString(), request.headers, response),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  expect(await world.finish()).toEqual([]);
  await world.remove();
});

function answer(
  url: string,
  body: string,
  headers: import("node:http").IncomingHttpHeaders,
  response: import("node:http").ServerResponse,
): void {
  if (url === "/never") return;
  if (url === "/large") {
    response.end("x".repeat(100_000));
  } else if (url === "/broken") {
    response.writeHead(500, { "content-type": "text/plain" }).end("database is on fire");
  } else {
    response.writeHead(200, { "content-type": "application/json" }).end(
      JSON.stringify({
        body,
        type: headers["content-type"] ?? null,
        mine: headers["x-mine"] ?? null,
      }),
    );
  }
}

const shell = (run: string, draft: TaskDraft = {}): TaskDraft => ({
  type: "shell",
  with: { run },
  ...draft,
});
const script = (language: string, code: string, draft: TaskDraft = {}): TaskDraft => ({
  type: "script",
  with: { language, code },
  ...draft,
});
const http = (path: string, more: object = {}): TaskDraft => ({
  type: "http",
  with: {
    url: address + path,
    method: "GET",
    headers: {},
    expect: [[200, 299]],
    max_bytes: 50_000,
    ...more,
  },
});

let flows = 0;
async function start(
  tasks: Record<string, TaskDraft>,
  change?: (flow: CompiledFlow) => void,
  params = {},
) {
  flows += 1;
  const flow = buildFlow(`tasks-${flows}`, tasks);
  if (change !== undefined) {
    change(flow);
    flow.canonical = canonicalJson(flow.spec);
    flow.hash = sha256Hex(flow.canonical);
  }
  const stored = await storeFlow(world.pool, flow);
  const runId = await startRun(world.pool, stored, { params });
  return { stored, runId };
}

/** Runs the tasks to their end. */
async function execute(
  tasks: Record<string, TaskDraft>,
  change?: (flow: CompiledFlow) => void,
  params = {},
) {
  const { stored, runId } = await start(tasks, change, params);
  await awaitRun(world.pool, runId);
  return results(stored, runId);
}

async function results(stored: StoredFlow, runId: string) {
  const ordinalOf = (task: string) => stored.flow.graph.taskIds.indexOf(task);
  const attempts = await readAttempts(world.pool, runId);
  const outputs = await world.pool.query<{ ordinal: number; output: unknown }>(
    "select ordinal, output from task_output where run_id = $1",
    [runId],
  );
  return {
    runId,
    run: await readRun(world.pool, runId),
    states: await taskStates(world.pool, stored, runId),
    attemptsOf: (task: string) => attempts.filter((row) => row.ordinal === ordinalOf(task)),
    output: (task: string) => outputs.rows.find((row) => row.ordinal === ordinalOf(task))?.output,
    log: async (task: string, attempt = 1) => {
      const key = { runId, ordinal: ordinalOf(task), attempt };
      return (await readLog(world.pool, key, { from: 1, count: 2_000 })).lines;
    },
  };
}

describe("a shell task", () => {
  it("sees its templates, the documented environment and nothing else", async () => {
    const result = await execute(
      {
        first: shell(`echo '{"n": 7, "list": [1]}' > "$IDEM_OUTPUT"`),
        second: shell(
          'echo "{{ params.who }} $GREETING {{ tasks.first.output.n }}"; env | sort; pwd',
          {
            needs: ["first"],
            env: { GREETING: "hello {{ params.who }}" },
          },
        ),
      },
      undefined,
      { who: "ada" },
    );
    expect(result.states).toEqual({ first: "succeeded", second: "succeeded" });
    expect(result.output("first")).toEqual({ n: 7, list: [1] });
    const lines = (await result.log("second")).map((line) => line.text);
    expect(lines[0]).toBe("ada hello ada 7");
    const names = lines.filter((line) => /^\w+=/.test(line)).map((line) => line.split("=")[0]);
    expect(
      names.filter(
        (name) => name !== "_" && name !== "PWD" && name !== "SHLVL" && name !== "OLDPWD",
      ),
    ).toEqual([
      "GREETING",
      "HOME",
      "IDEM_ATTEMPT",
      "IDEM_ATTEMPT_TOKEN",
      "IDEM_DATA",
      "IDEM_IDENTITY",
      "IDEM_INTERVAL_END",
      "IDEM_INTERVAL_START",
      "IDEM_OUTPUT",
      "IDEM_PARAMS",
      "IDEM_RUNNER_TOKEN",
      "IDEM_RUN_ID",
      "IDEM_TASK",
      "LANG",
      "PATH",
      "TMPDIR",
    ]);
    expect(lines.join("\n")).not.toMatch(/leaked|postgres:/);
    expect(lines).toContain('IDEM_PARAMS={"who":"ada"}');
  });

  it("fails with its exit code and the line that tells why", async () => {
    const result = await execute({
      a: shell(
        "echo fine > /dev/stdout; sleep 0.1; echo 'ERROR: input has not arrived' > /dev/stderr; sleep 0.1; echo bye; exit 3",
      ),
      b: shell("true", { needs: ["a"] }),
      c: shell("echo cleaning", { needs: ["a"], if: "failure()" }),
    });
    expect(result.states).toEqual({ a: "failed", b: "upstream_failed", c: "succeeded" });
    const error = { kind: "exit", exitCode: 3, message: "ERROR: input has not arrived", line: 2 };
    expect(result.attemptsOf("a")).toMatchObject([{ state: "failed", error }]);
    expect(result.run).toMatchObject({
      state: "failed",
      firstError: { task: "a", attempt: 1, message: "ERROR: input has not arrived", line: 2 },
    });
    expect((await result.log("a")).map(({ stream, text }) => `${stream} ${text}`)).toEqual([
      "stdout fine",
      "stderr ERROR: input has not arrived",
      "stdout bye",
      "notice Exit code 3.",
    ]);
  });

  it("is tried again as often as its policy says, and the run counts as recovered", async () => {
    const retry = { attempts: 3, delayMs: 20, factor: 2, capMs: 100 };
    const result = await execute({ a: shell('[ "$IDEM_ATTEMPT" = 3 ] || exit 1', { retry }) });
    expect(result.attemptsOf("a").map((row) => row.state)).toEqual([
      "failed",
      "failed",
      "succeeded",
    ]);
    expect(result.run).toMatchObject({ state: "succeeded", recovered: true });
  });

  it("has the revision's files, may change them, and leaves them as they were for the next", async () => {
    const text = "a,b\n1,2\n";
    const sha256 = sha256Hex(text);
    const result = await execute(
      {
        a: shell("cat data/in.csv; echo more >> data/in.csv; ls -l data/run.sh | cut -c1-10"),
        b: shell("cat data/in.csv; ./data/run.sh", { needs: ["a"] }),
      },
      (flow) => {
        const program = "#!/bin/sh\necho started from a file\n";
        const runHash = sha256Hex(program);
        flow.spec.files.push(
          { path: "data/in.csv", sha256, bytes: text.length, executable: false },
          { path: "data/run.sh", sha256: runHash, bytes: program.length, executable: true },
        );
        flow.blobs.push(
          { sha256, bytes: Buffer.from(text) },
          { sha256: runHash, bytes: Buffer.from(program) },
        );
      },
    );
    expect(result.states).toEqual({ a: "succeeded", b: "succeeded" });
    expect((await result.log("b")).map((line) => line.text)).toEqual([
      "a,b",
      "1,2",
      "started from a file",
    ]);
  });

  it.each([
    { run: "echo '{' > $IDEM_OUTPUT", want: /not JSON/, why: "half of a value" },
    {
      run: "head -c 1100000 /dev/zero | tr '\\0' 1 > $IDEM_OUTPUT",
      want: /longer than 1 MB/,
      why: "too much",
    },
    {
      run: "printf '\"a\\\\u0000b\"' > $IDEM_OUTPUT",
      want: /NUL/,
      why: "what PostgreSQL cannot store",
    },
    { run: "mkdir $IDEM_OUTPUT", want: /not a file|EISDIR/, why: "no file at all" },
  ])("fails when its output is $why", async ({ run, want }) => {
    const result = await execute({ a: shell(run) });
    expect(result.attemptsOf("a")).toMatchObject([
      { state: "failed", error: { kind: "output", message: expect.stringMatching(want) } },
    ]);
  });

  it("fails before it starts when a template has no value", async () => {
    const result = await execute({
      b: shell("echo '[]' > $IDEM_OUTPUT"),
      a: shell("echo {{ tasks.b.output.n }}", { needs: ["b"] }),
    });
    expect(result.attemptsOf("a")).toMatchObject([
      { state: "failed", error: { kind: "template" } },
    ]);
  });

  it("leaves nothing running: no background process, no daemon, no deaf child", async () => {
    const mark = `idem-orphan-${process.pid}`;
    const daemon = `sh -c 'trap "" TERM HUP; while true; do sleep 0.05; done' ${mark}`;
    const result = await execute({
      a: shell(
        `${daemon} & setsid ${daemon} & (setsid sh -c "${daemon.replaceAll('"', '\\"')} &" &); sleep 0.2`,
      ),
      b: shell(`trap '' TERM; ${daemon} & ${daemon}`, { timeoutMs: 300 }),
    });
    expect(result.states).toEqual({ a: "succeeded", b: "failed" });
    expect(result.attemptsOf("b")).toMatchObject([
      { state: "timed_out", error: { kind: "timeout", message: "Timed out after 0.3 s." } },
    ]);
    const left = await execute({
      look: shell(`ps ax -o args | grep '${mark}' | grep -v grep || echo none`),
    });
    expect((await left.log("look")).map((line) => line.text)).toEqual(["none"]);
  });

  it("may write a script of any length, and more log than fits", async () => {
    const long = `${"# a comment that is here to make it long\n".repeat(5_000)}echo end of it`;
    const result = await execute({ a: shell(long), b: shell("seq 1 400000") });
    expect((await result.log("a")).map((line) => line.text)).toEqual(["end of it"]);
    const page = await readLog(
      world.pool,
      { runId: result.runId, ordinal: 1, attempt: 1 },
      { from: 1, count: 1 },
    );
    expect(page).toMatchObject({ truncated: true, complete: true });
    expect(result.states).toEqual({ a: "succeeded", b: "succeeded" });
  });
});

describe("a script task", () => {
  it("runs Node.js", async () => {
    const result = await execute({
      a: script(
        "node",
        `import { writeFileSync } from "node:fs";
         console.error("to stderr");
         writeFileSync(process.env.IDEM_OUTPUT, JSON.stringify({ sum: 1 + 2 }));`,
      ),
      b: script("node", 'throw new TypeError("wrong kind")'),
    });
    expect(result.output("a")).toEqual({ sum: 3 });
    expect(result.attemptsOf("b")).toMatchObject([{ error: { message: "TypeError: wrong kind" } }]);
  });

  it("runs bash, with what only bash can do", async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an array of bash
    const result = await execute({ a: script("bash", 'list=(one two); echo "${list[1]}"') });
    expect((await result.log("a")).map((line) => line.text)).toEqual(["two"]);
  });

  it("says which interpreter is missing", async () => {
    const result = await execute({
      a: script("python", "print(1)", { env: { PATH: "/nowhere" } }),
    });
    expect(result.attemptsOf("a")).toMatchObject([
      {
        state: "failed",
        error: {
          kind: "start",
          message: "Python 3 is not installed on this runner: there is no python3 in its PATH.",
        },
      },
    ]);
  });
});

describe("a wait task", () => {
  it("waits, and can be cancelled alone", async () => {
    const { stored, runId } = await start({
      short: { type: "wait", with: { duration: 50 } },
      long: { type: "wait", with: { duration: 3_600_000 } },
      after: { needs: ["long"] },
    });
    await until(
      "the wait to run",
      async () => (await taskStates(world.pool, stored, runId)).long === "running",
    );
    await cancelTask(world.pool, runId, stored.flow.graph.taskIds.indexOf("long"), "ada");
    await awaitRun(world.pool, runId);
    const result = await results(stored, runId);
    expect(result.states).toEqual({
      short: "succeeded",
      long: "cancelled",
      after: "upstream_failed",
    });
    expect(result.attemptsOf("long")).toMatchObject([
      { state: "cancelled", error: { kind: "cancelled" } },
    ]);
  });
});

describe("cancelling a run", () => {
  it("ends what runs, politely first, and starts nothing more", async () => {
    const { stored, runId } = await start({
      polite: shell(
        "trap 'echo goodbye; exit 0' TERM; echo ready; while true; do sleep 0.02; done",
      ),
      deaf: shell("trap '' TERM; echo ready; while true; do sleep 0.02; done"),
      next: shell("echo never", { needs: ["polite"] }),
      always: shell("echo never", { needs: ["polite"], if: "always()" }),
    });
    await until("both to run", async () => {
      const result = await results(stored, runId);
      const logs = [await result.log("polite"), await result.log("deaf")];
      return logs.every((lines) => lines.some((line) => line.text === "ready"));
    });
    await cancelRun(world.pool, runId, "ada", "no need");
    const run = await awaitRun(world.pool, runId);
    const result = await results(stored, runId);
    expect(run.state).toBe("cancelled");
    // The polite one said that it had finished: that is what happened.
    expect(result.states).toEqual({
      polite: "succeeded",
      deaf: "cancelled",
      next: "cancelled",
      always: "cancelled",
    });
    expect((await result.log("polite")).map((line) => line.text)).toContain("goodbye");
  });
});

describe("an http task", () => {
  it("hands over status and body", async () => {
    const result = await execute(
      {
        get: http("/echo", { headers: { "x-mine": "{{ params.token }}" } }),
        post: http("/echo", { method: "POST", body: { a: 1 } }),
        text: http("/echo", { method: "POST", body: "plain" }),
      },
      undefined,
      { token: "t1" },
    );
    expect(result.states).toEqual({ get: "succeeded", post: "succeeded", text: "succeeded" });
    expect(result.output("get")).toMatchObject({ status: 200, body: { body: "", mine: "t1" } });
    expect(result.output("post")).toMatchObject({
      body: { body: '{"a":1}', type: "application/json" },
    });
    expect(result.output("text")).toMatchObject({ body: { body: "plain" } });
  });

  it("fails on an unexpected status, a body too large, a timeout, nobody there", async () => {
    const result = await execute({
      broken: http("/broken"),
      expected: http("/broken", { expect: [[500, 500]] }),
      large: http("/large"),
      never: { ...http("/never"), timeoutMs: 200 },
      nobody: {
        type: "http",
        with: {
          url: "http://127.0.0.1:1/",
          method: "GET",
          headers: {},
          expect: [[200, 299]],
          max_bytes: 1,
        },
      },
    });
    expect(result.states).toEqual({
      broken: "failed",
      expected: "succeeded",
      large: "failed",
      never: "failed",
      nobody: "failed",
    });
    expect(result.attemptsOf("broken")).toMatchObject([
      {
        error: {
          kind: "http",
          status: 500,
          message: "The server answered 500 Internal Server Error",
        },
      },
    ]);
    expect((await result.log("broken")).map((line) => line.text)).toContain("database is on fire");
    expect(result.attemptsOf("large")).toMatchObject([
      { error: { kind: "http", message: "The answer is longer than 50000 bytes." } },
    ]);
    expect(result.attemptsOf("never")).toMatchObject([{ state: "timed_out" }]);
    expect(result.attemptsOf("nobody")).toMatchObject([
      { error: { kind: "http", message: expect.stringMatching(/did not answer/) } },
    ]);
  });
});

describe("a function task", () => {
  const bundle = `
    let calls = 0;
    const tasks = {
      sum: { run: (ctx) => { console.log("summing", ctx.params.n); return { sum: ctx.params.n + 1, calls: ++calls, cwd: process.cwd() === ctx.workdir, env: process.env.GREETING, own: ctx.env.GREETING }; } },
      next: { run: async (ctx) => ({ from: ctx.output("sum").sum, calls: ++calls }) },
      fails: { run: () => { throw new RangeError("beyond"); } },
      exits: { run: () => process.exit(7) },
      hangs: { run: () => { for (;;); } },
      listens: { run: (ctx) => new Promise((_, reject) => ctx.signal.addEventListener("abort", () => reject(new Error("told to end")))) },
      forks: { run: async () => { const { spawn } = await import("node:child_process"); spawn("sleep", ["3333"], { detached: true, stdio: "ignore" }).unref(); return null; } },
      odd: { run: () => 10n },
      looks: { run: async (ctx) => {
        const { readdir, writeFile, chmod } = await import("node:fs/promises");
        const { tmpdir } = await import("node:os");
        const found = [...await readdir(ctx.workdir), ...await readdir(tmpdir()), ...await readdir(ctx.workdir + "/..")].sort();
        if (ctx.task.startsWith("litters")) await writeFile(ctx.workdir + "/left.txt", "left");
        if (ctx.task.startsWith("temporary")) await writeFile(tmpdir() + "/left.txt", "left");
        if (ctx.task.startsWith("closes")) await chmod(ctx.workdir, 0o500);
        const { LEFT = null, HOME } = process.env;
        process.env.LEFT = "left";
        delete process.env.HOME;
        if (ctx.task === "again") process.env = {};
        return { found, place: ctx.workdir, pid: process.pid, variables: [LEFT, HOME === ctx.workdir, ctx.task === process.env.IDEM_TASK || ctx.task === "again"] };
      } },
    };
    export default { [Symbol.for("idem.flow.1")]: { tasks } };
  `;
  const withBundle = (flow: CompiledFlow) => {
    const sha256 = sha256Hex(bundle);
    flow.spec.bundle = sha256;
    flow.blobs.push({ sha256, bytes: Buffer.from(bundle) });
  };
  const call = (handler: string, draft: TaskDraft = {}): TaskDraft => ({
    type: "function",
    with: { handler },
    ...draft,
  });

  it("gets parameters, outputs and its own environment, in a warm process", async () => {
    const result = await execute(
      {
        sum: call("sum", { env: { GREETING: "hi {{ params.n }}" } }),
        next: call("next", { needs: ["sum"] }),
      },
      withBundle,
      { n: 41 },
    );
    expect(result.output("sum")).toEqual({
      sum: 42,
      calls: 1,
      cwd: true,
      env: "hi 41",
      own: "hi 41",
    });
    expect(result.output("next")).toEqual({ from: 42, calls: 2 });
    expect((await result.log("sum")).map((line) => line.text)).toEqual(["summing 41"]);
  });

  it("finds its folder and its variables as new, whatever the attempts before in the same process left there", async () => {
    const order = ["plain", "again", "litters", "temporary", "closes", "last"];
    const result = await execute(
      Object.fromEntries(
        order.map((id, i) => [id, call("looks", { needs: order.slice(Math.max(0, i - 1), i) })]),
      ),
      withBundle,
    );
    const outputs = order.map((id) => result.output(id)) as {
      found: string[];
      place: string;
      pid: number;
      variables: unknown[];
    }[];
    expect(outputs.map(({ found }) => found)).toEqual(order.map(() => ["tmp", "work"]));
    expect(new Set(outputs.map(({ pid }) => pid)).size).toBe(1);
    expect(outputs.map(({ variables }) => variables)).toEqual(order.map(() => [null, true, true]));
    const [plain, again, litters, temporary, closes, last] = outputs.map(({ place }) => place);
    expect([again, litters]).toEqual([plain, plain]);
    expect(new Set([litters, temporary, closes, last]).size).toBe(4);
  });

  it("fails by what it throws, by how its process ends, and when it runs out of time", async () => {
    const result = await execute(
      {
        fails: call("fails"),
        exits: call("exits"),
        hangs: call("hangs", { timeoutMs: 200 }),
        listens: call("listens", { timeoutMs: 200 }),
        odd: call("odd"),
        missing: call("nobody"),
      },
      withBundle,
    );
    const error = (task: string) => result.attemptsOf(task)[0];
    expect(error("fails")).toMatchObject({
      error: { kind: "exception", message: "RangeError: beyond", line: 1 },
    });
    expect(error("exits")).toMatchObject({
      error: { kind: "exit", exitCode: 7, message: expect.stringMatching(/exit code 7/) },
    });
    expect(error("hangs")).toMatchObject({ state: "timed_out" });
    expect(error("listens")).toMatchObject({ state: "timed_out" });
    expect(error("odd")).toMatchObject({
      error: { kind: "exception", message: expect.stringMatching(/BigInt/) },
    });
    expect(error("missing")).toMatchObject({ error: { kind: "start" } });
  });

  it("leaves no process behind that it has started", async () => {
    const result = await execute({ forks: call("forks") }, withBundle);
    expect(result.states).toEqual({ forks: "succeeded" });
    const left = await execute({
      look: shell("ps ax -o args | grep 'sleep 3333' | grep -v grep || echo none"),
    });
    expect((await left.log("look")).map((line) => line.text)).toEqual(["none"]);
  });
});

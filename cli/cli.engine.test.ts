import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Product, removeHome, startProduct } from "../test/product.ts";
import { createApi } from "./api.ts";
import { execute } from "./execute.ts";

let product: Product;
let folder: string;

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** Executes the command in this process, which saves most of its time. */
async function idem(...args: string[]): Promise<Outcome> {
  let stdout = "";
  let stderr = "";
  const code = await execute({
    args,
    env: { IDEM_URL: product.url },
    cwd: folder,
    streams: {
      out: (text) => {
        stdout += text;
      },
      err: (text) => {
        stderr += text;
      },
    },
  });
  return { code, stdout, stderr };
}

/** Executes with --json; nothing else may be on standard output. */
async function json(code: number, ...args: string[]) {
  const outcome = await idem(...args, "--json");
  expect(outcome.code, outcome.stdout + outcome.stderr).toBe(code);
  expect(outcome.stderr).toBe("");
  return JSON.parse(outcome.stdout);
}

const write = (name: string, text: string) => writeFile(join(folder, name), text);

const report = `
id: report
params:
  city: { type: string, default: seattle }
  days: { type: integer, default: 2, minimum: 1 }
tasks:
  count:
    type: shell
    run: |
      echo "counting {{ params.city }}"
      echo "{\\"days\\": {{ params.days }}, \\"start\\": \\"$IDEM_INTERVAL_START\\"}" > "$IDEM_OUTPUT"
  tell:
    type: shell
    needs: [count]
    run: |
      echo "{{ tasks.count.output.days }} days"
      test ! -e "$IDEM_DATA/broken" || { echo "ERROR: it is broken" >&2; exit 3; }
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "idem-cli-"));
  await write("report.yaml", report);
  product = await startProduct();
  await product.ready();
});
afterAll(async () => {
  await product.stop();
  await removeHome(product.home);
  await rm(folder, { recursive: true, force: true });
});

it("is the program that npx finds in the project", () => {
  const run = (...args: string[]) =>
    spawnSync("npx", ["--no-install", "idem", ...args], {
      env: { ...process.env, IDEM_URL: product.url },
      encoding: "utf8",
    });
  const listed = run("flow", "ls", "--json");
  expect(listed.status, listed.stderr).toBe(0);
  expect(JSON.parse(listed.stdout)).toEqual({ items: [], next: null });
  expect(run("runs", "show", "999999", "--json").status).toBe(1);
  expect(run("bogus").status).toBe(2);
});

describe("idem flow", () => {
  it("pushes, lists and shows", async () => {
    const pushed = await json(0, "flow", "push", "report.yaml");
    expect(pushed).toEqual({
      id: "report",
      revision: 1,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      tasks: 2,
      origin: "push",
      created: true,
      warnings: [],
    });
    expect(await json(0, "flow", "push", "report.yaml")).toEqual({ ...pushed, created: false });
    const { created, warnings, ...flow } = pushed;
    expect(await json(0, "flow", "ls")).toEqual({ items: [flow], next: null });
    expect(await json(0, "flow", "show", "report")).toMatchObject(flow);
    expect(await json(0, "flow", "validate", "report.yaml")).toEqual({
      id: "report",
      hash: flow.hash,
      tasks: 2,
      unchecked: [],
    });
  });

  it("pushes TypeScript with what it imports and the files it names", async () => {
    await mkdir(join(folder, "ts"), { recursive: true });
    await write("ts/add.ts", "export const add = (a: number, b: number): number => a + b;\n");
    await write("ts/greeting.txt", "hello from a file");
    await write(
      "ts/sum.flow.ts",
      `import { readFile } from "node:fs/promises";
       import { flow, task } from "idem";
       import { add } from "./add.ts";
       export default flow({
         id: "sum",
         files: ["*.txt"],
         tasks: {
           sum: task({
             run: async ({ workdir }) => ({
               sum: add(1, 2),
               text: await readFile(workdir + "/greeting.txt", "utf8"),
             }),
           }),
         },
       });\n`,
    );
    expect(await json(0, "flow", "push", "ts/sum.flow.ts")).toMatchObject({ id: "sum", tasks: 1 });
    await rm(join(folder, "ts"), { recursive: true });
    const run = await json(0, "run", "sum", "--wait");
    expect(run.tasks).toMatchObject([{ id: "sum", output: { sum: 3, text: "hello from a file" } }]);
  });

  it("prints file:line:column: code: message for every problem and stores nothing", async () => {
    await write("good.yaml", "id: good\ntasks:\n  a: { type: noop }\n");
    await write(
      "bad.yaml",
      "id: bad\ntasks:\n  a: { type: noop, nedes: [b] }\n  b: { tpye: noop }\n",
    );
    const { code, stdout, stderr } = await idem("flow", "push", "good.yaml", "bad.yaml");
    expect(code).toBe(1);
    expect(stdout).toBe("");
    const lines = stderr.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^bad\.yaml:3:\d+: UNKNOWN_KEY: .+ Did you mean "needs"\?$/);
    expect(lines.every((line) => /^bad\.yaml:\d+:\d+: [A-Z_]+: .+/.test(line))).toBe(true);
    expect(await json(1, "flow", "show", "good")).toMatchObject({ error: { code: "NOT_FOUND" } });

    // Alone it is compiled by the server, which says the same.
    expect(await idem("flow", "push", "bad.yaml")).toEqual({ code, stdout, stderr });

    const { error } = await json(1, "flow", "validate", "bad.yaml");
    expect(error).toMatchObject({ code: "UNKNOWN_KEY", file: "bad.yaml", line: 3 });
    expect(error.problems.length).toBe(lines.length);
  });

  it("sends the files that a definition names, however the key is written", async () => {
    await write("notes.txt", "remember");
    const spec = async (key: string) => {
      await write("noted.yaml", `id: noted\n${key}: ["*.txt"]\ntasks:\n  a: { type: noop }\n`);
      return json(0, "flow", "push", "noted.yaml");
    };
    const pushed = await spec("files");
    expect((await json(0, "flow", "show", "noted")).spec.files).toMatchObject([
      { path: "notes.txt", bytes: 8 },
    ]);
    expect(await spec('"f\\x69les"')).toMatchObject({ hash: pushed.hash });
    await rm(join(folder, "notes.txt"));
    const { code, stderr } = await idem("flow", "push", "noted.yaml");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^noted\.yaml:2:\d+: FILE_NOT_FOUND: /);
  });

  it("warns at its place of a flow that is not there, unless it comes along", async () => {
    await write("outer.yaml", "id: outer\ntasks:\n  call: { type: flow, flow: inner }\n");
    await write("inner.yaml", "id: inner\ntasks:\n  a: { type: noop }\n");
    const warning =
      'outer.yaml:3:29: warning: UNKNOWN_FLOW: The task "call" runs the flow "inner", which does not exist.';
    const alone = await idem("flow", "validate", "outer.yaml");
    expect(alone).toMatchObject({ code: 0, stderr: expect.stringContaining("not asked") });
    const asked = await idem("flow", "validate", "--online", "outer.yaml");
    expect(asked).toMatchObject({ code: 0, stderr: expect.stringContaining(warning) });
    expect((await idem("flow", "push", "outer.yaml")).stderr).toContain(warning);
    expect((await json(0, "flow", "push", "outer.yaml")).warnings).toMatchObject([
      { code: "UNKNOWN_FLOW", task: "call", flow: "inner", position: { line: 3, column: 29 } },
    ]);
    const both = await json(0, "flow", "push", "outer.yaml", "inner.yaml");
    expect(both.map((flow: { warnings: unknown[] }) => flow.warnings)).toEqual([[], []]);
  });

  it("advises on retries and on sizes, with the evidence", async () => {
    const items = Array.from({ length: 210 }, (_, n) => n);
    await write(
      "advised.yaml",
      `id: advised
tasks:
  tiny: { type: shell, for_each: [${items}], run: 'true' }
  shaky: { type: shell, run: 'test "$IDEM_ATTEMPT" -gt 1', retry: { attempts: 2, delay: 1ms } }
`,
    );
    await json(0, "flow", "push", "advised.yaml");
    expect((await idem("flow", "advise", "advised")).stdout).toContain("No task has failed");
    await json(0, "run", "advised", "--wait");
    const advice = await json(0, "flow", "advise", "advised");
    expect(advice).toMatchObject({
      runs: 1,
      tasks: [{ task: "shaky", verdict: null, silence: "few_failures", attempts: 2 }],
      sizes: [{ of: { kind: "list", task: "tiny", batch: 1 }, taskRuns: 210 }],
    });
    expect(advice.sizes[0].batch).toBeGreaterThan(1);
    const { stdout } = await idem("flow", "advise", "advised");
    expect(stdout).toMatch(/^shaky +fewer than 20 failures +2 /m);
    expect(stdout).toMatch(/^tiny +too small +210 +\d+% /m);
    expect((await json(1, "flow", "advise", "nowhere")).error.code).toBe("NOT_FOUND");
  });

  it("refuses files that are called like no definition, and files that are not there", async () => {
    expect((await idem("flow", "push", "report.txt")).code).toBe(2);
    const missing = await idem("flow", "push", "nowhere.yaml");
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(/^nowhere\.yaml:1:1: FILE_NOT_FOUND: /);
  });
});

describe("idem run and idem rerun", () => {
  it("runs with parameters and an interval, and says how it ended", async () => {
    const run = await json(
      0,
      ...["run", "report", "-p", "city=seoul", "-p", "days=3"],
      ...["--interval-start", "2012-01-05", "--timezone", "Asia/Seoul", "--wait"],
    );
    expect(run).toEqual({
      id: expect.stringMatching(/^\d+$/),
      flow: "report",
      revision: 1,
      identity: expect.stringMatching(/^[0-9a-f]{64}$/),
      state: "succeeded",
      params: { city: "seoul", days: 3 },
      interval: { start: "2012-01-04T15:00:00.000Z", end: "2012-01-05T15:00:00.000Z" },
      parent: null,
      trigger: expect.any(String),
      createdAt: expect.any(String),
      startedAt: expect.any(String),
      finishedAt: expect.any(String),
      tasks: [
        expect.objectContaining({
          id: "count",
          state: "succeeded",
          attempt: 1,
          output: { days: 3, start: "2012-01-04T15:00:00.000Z" },
        }),
        expect.objectContaining({ id: "tell", output: null }),
      ],
    });
  });

  it("refuses parameters that the flow does not allow", async () => {
    const { error } = await json(1, "run", "report", "-p", "days=0");
    expect(error.code).toBe("INVALID_PARAMS");
    expect((await json(1, "run", "report", "-p", "town=x")).error.code).toBe("INVALID_PARAMS");
    expect((await json(2, "run", "report", "-p", "days=two")).error.code).toBe("USAGE");
    expect((await json(1, "run", "nothing")).error.code).toBe("NOT_FOUND");
  });

  it("makes one run of one idempotency key", async () => {
    const args = ["run", "report", "--idempotency-key", "only-once-please", "--wait"];
    const [first, second] = [await json(0, ...args), await json(0, ...args)];
    expect(second.id).toBe(first.id);
  });

  it("fails, shows why, and recovers by a rerun of what failed", async () => {
    const broken = join(product.home, "data", "broken");
    await writeFile(broken, "");
    const failed = await json(1, "run", "report", "--wait");
    expect(failed).toMatchObject({
      state: "failed",
      tasks: [{ state: "succeeded" }, { state: "failed" }],
    });
    const shown = await idem("runs", "show", failed.id);
    expect(shown.stdout).toContain("error in tell: ERROR: it is broken");
    const logs = await idem("runs", "logs", failed.id, "--task", "tell");
    expect(logs.stdout).toBe("2 days\nERROR: it is broken\n");
    expect(logs.stderr).toBe("Exit code 3.\n");

    await rm(broken);
    const plan = await json(0, "rerun", failed.id, "--scope", "failed", "--plan");
    expect(plan).toMatchObject({
      counts: { run: 1, reuse: 1, skip: 0 },
      certificate: { verdict: "identical", identity: failed.identity },
    });
    const rerun = await json(0, "rerun", failed.id, "--scope", "failed", "--wait");
    expect(rerun).toMatchObject({
      state: "succeeded",
      parent: failed.id,
      identity: failed.identity,
      params: failed.params,
      certificate: { verdict: "identical" },
      tasks: [
        { id: "count", state: "reused", output: { days: 2, start: "" } },
        { id: "tell", state: "succeeded" },
      ],
    });
  });

  it("refuses a scope that there is not", async () => {
    const { items } = await json(0, "runs", "ls", "--state", "failed");
    expect((await json(1, "rerun", items[0].id, "--scope", "some")).error.code).toBe(
      "INVALID_INPUT",
    );
  });
});

describe("idem runs", () => {
  it("lists page by page, by flow and state", async () => {
    const all = await json(0, "runs", "ls", "--flow", "report");
    expect(all.items.length).toBeGreaterThanOrEqual(3);
    const first = await json(0, "runs", "ls", "--flow", "report", "--limit", "2");
    const rest = await json(0, "runs", "ls", "--flow", "report", "--cursor", first.next);
    expect([...first.items, ...rest.items]).toEqual(all.items);
    const failed = await json(0, "runs", "ls", "--state", "failed", "cancelled");
    expect(failed.items.map((run: { state: string }) => run.state)).toEqual(["failed"]);
  });

  it("lists and acts upon the same runs by interval, parameter, parent and identity", async () => {
    const text = "id: sifted\nparams: { n: { type: integer } }\ntasks: { a: { type: noop } }\n";
    await write("sifted.yaml", text);
    await json(0, "flow", "push", "sifted.yaml");
    const start = (day: string, n: number) =>
      json(0, "run", "sifted", "-p", `n=${n}`, "--interval-start", day, "--wait");
    const [one, two, three] = [
      await start("2012-01-05", 1),
      await start("2012-01-06", 2),
      await start("2012-01-07", 2),
    ];
    const rerun = await json(0, "rerun", three.id, "--wait");
    const cases: [string[], string[]][] = [
      [
        ["--interval-from", "2012-01-06"],
        [rerun.id, three.id, two.id],
      ],
      [["--interval-to", "2012-01-06T00:00:00+09:00"], [one.id]],
      [
        ["-p", "n=2", "--trigger", "manual"],
        [three.id, two.id],
      ],
      [["--parent", three.id], [rerun.id]],
      [
        ["--identity", three.identity],
        [rerun.id, three.id],
      ],
      [["--backfill", "424242"], []],
    ];
    for (const [filter, want] of cases) {
      const { items } = await json(0, "runs", "ls", "--flow", "sifted", ...filter);
      expect(
        items.map((run: { id: string }) => run.id),
        filter.join(" "),
      ).toEqual(want);
      const plan = await json(0, "bulk", "rerun", "--plan", "--flow", "sifted", ...filter);
      expect(plan.count, filter.join(" ")).toBe(want.length);
    }
    expect((await json(2, "runs", "ls", "--interval-from", "soon")).error.code).toBe("USAGE");
    expect((await json(2, "bulk", "cancel", "-p", "n")).error.code).toBe("USAGE");
  });

  it("follows a log until its end, and prints all tasks by name", async () => {
    await write(
      "slow.yaml",
      "id: slow\ntasks:\n  a: { type: shell, run: 'echo 1; sleep 1; echo 2' }\n",
    );
    await json(0, "flow", "push", "slow.yaml");
    const run = await json(0, "run", "slow");
    await expect
      .poll(async () => (await json(0, "runs", "show", run.id)).tasks[0].state, { timeout: 15_000 })
      .not.toBe("ready");
    const followed = await idem("runs", "logs", run.id, "--task", "a", "--follow");
    expect(followed.stdout).toBe("1\n2\n");
    const lines = await json(0, "runs", "logs", run.id);
    expect(lines.items).toMatchObject([
      { task: "a", attempt: 1, n: 1, stream: "stdout", text: "1" },
      { task: "a", attempt: 1, n: 2, stream: "stdout", text: "2" },
    ]);
  });

  it("cancels", async () => {
    await write("long.yaml", "id: long\ntasks:\n  a: { type: wait, duration: 1h }\n");
    await json(0, "flow", "push", "long.yaml");
    const run = await json(0, "run", "long");
    const stateOf = async () => (await json(0, "runs", "show", run.id)).state;
    await expect.poll(stateOf, { timeout: 15_000 }).toBe("running");
    const waiting = json(1, "rerun", "999999", "--wait");
    // Durations of what runs come from the server's clock, not from the one here.
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 7_200_000 });
    const row = (await idem("runs", "ls", "--flow", "long").finally(vi.useRealTimers)).stdout;
    expect(row).toMatch(new RegExp(`^${run.id} .* ([0-9.]+ s|[0-9]+ min [0-9]+ s) `, "m"));
    await json(0, "runs", "cancel", run.id, "--reason", "enough");
    await expect.poll(stateOf, { timeout: 15_000 }).toBe("cancelled");
    expect((await waiting).error.code).toBe("NOT_FOUND");
    expect((await json(1, "runs", "cancel", run.id)).error.code).toBe("ALREADY_ENDED");
  });
});

describe("idem queue", () => {
  it("says why a task waits, gives its pool slots, and the task goes on", async () => {
    await write(
      "narrow.yaml",
      "id: narrow\ntasks:\n  a: { type: shell, run: 'true', pool: narrow }\n",
    );
    await json(0, "flow", "push", "narrow.yaml");
    expect(await json(0, "pools", "set", "narrow", "0")).toMatchObject({
      name: "narrow",
      slots: 0,
    });
    const { id } = await json(0, "run", "narrow");
    const full = { kind: "pool", pool: "narrow", slots: 0, running: 0 };
    expect((await json(0, "runs", "show", id)).tasks).toMatchObject([{ id: "a", waits: [full] }]);
    const shown = await idem("runs", "show", id);
    expect(shown.stdout).toContain("waits: pool narrow is full (0 of 0 slots)");
    const { groups } = await json(0, "queue");
    expect(groups).toMatchObject([{ pool: "narrow", ready: 1, waits: [full] }]);
    expect((await idem("queue")).stdout).toMatch(/narrow\s+0\s+0\s+1/);
    await json(0, "pools", "set", "narrow", "unlimited");
    await expect
      .poll(async () => (await json(0, "runs", "show", id)).state, { timeout: 15_000 })
      .toBe("succeeded");
    const { items } = await json(0, "pools", "ls");
    expect(items).toContainEqual(expect.objectContaining({ name: "narrow", slots: null }));
    expect((await idem("pools", "set", "narrow", "many")).code).toBe(2);
  });

  it("drains a runner, resumes it, and changes its slots", async () => {
    const [runner] = (await json(0, "runners", "ls")).items;
    expect(await json(0, "runners", "drain", runner.id)).toMatchObject({ state: "draining" });
    expect(await json(0, "runners", "resume", runner.id)).toMatchObject({ state: "active" });
    const slots = runner.slots + 1;
    expect(await json(0, "runners", "slots", runner.id, String(slots))).toMatchObject({ slots });
    await json(0, "runners", "slots", runner.id, String(runner.slots));
    expect((await json(1, "runners", "drain", "999999")).error.code).toBe("NOT_FOUND");
  });
});

describe("idem notify", () => {
  const name = "cli-hook";

  it("lists channels, sends a test, and sends a delivery again", async () => {
    await createApi({ url: product.url, token: undefined }).notify.add.mutate({
      name,
      kind: "webhook",
      settings: { url: `${product.url}/nobody-listens-here` },
    });
    const { items } = await json(0, "notify", "ls");
    expect(items).toMatchObject([{ name, kind: "webhook", byDefault: false, last: null }]);
    const { delivery } = await json(0, "notify", "test", name);
    const again = await json(0, "notify", "resend", delivery);
    const page = await json(0, "notify", "deliveries", "--channel", name);
    expect(page.items).toMatchObject([
      { id: again.delivery, channel: name, event: null, backfill: null, resentOf: delivery },
      { id: delivery, channel: name, resentOf: null },
    ]);
    expect((await idem("notify", "ls")).stdout).toMatch(/cli-hook +webhook +no/);
    const told = await idem("notify", "deliveries", "--channel", name);
    expect(told.stdout).toMatch(/EVENT +ABOUT +STATE/);
    expect((await json(1, "notify", "test", "nobody")).error.code).toBe("NOT_FOUND");
    expect((await json(2, "notify", "deliveries", "--state", "happy")).error.code).toBe("USAGE");
  });
});

describe("idem schedules", () => {
  beforeAll(async () => {
    await write(
      "nightly.yaml",
      `id: nightly
params: { city: { type: string, default: seattle } }
schedule:
  - { cron: "30 2 * * *", timezone: Asia/Seoul, params: { city: seoul } }
  - { cron: "0 4 1 1 *" }
tasks: { a: { type: noop } }
`,
    );
    await write(
      "yearly.yaml",
      "id: yearly\nschedule: { cron: 0 0 1 1 * }\ntasks: { a: { type: noop } }\n",
    );
    await json(0, "flow", "push", "nightly.yaml", "yearly.yaml");
  });

  it("gives a run by hand the zone of the flow, and reads dates in it", async () => {
    const run = await json(
      0,
      ...["run", "nightly", "-p", "city=seoul", "--interval-start", "2012-01-05"],
    );
    expect(run.interval).toEqual({
      start: "2012-01-04T15:00:00.000Z",
      end: "2012-01-05T15:00:00.000Z",
    });
  });

  it("lists them with their next ticks, in words", async () => {
    const { items, next } = await json(0, "schedules", "ls", "--flow", "nightly");
    expect(next).toBeNull();
    expect(items).toMatchObject([
      {
        flow: "nightly",
        key: "1",
        state: "active",
        cron: "30 2 * * *",
        words: "At 02:30, every day",
        timezone: "Asia/Seoul",
        catchup: "latest",
        overlap: "queue",
        params: { city: "seoul" },
        last: null,
      },
      { key: "2", timezone: "UTC" },
    ]);
    expect(items[0].next).toHaveLength(5);
    expect(items[0].next[0]).toMatch(/T17:30:00\.000Z$/);
    const told = await idem("schedules", "ls");
    expect(told.stdout).toMatch(/nightly +1 +At 02:30, every day +Asia\/Seoul +active/);
  });

  it("pauses and resumes the one that is meant", async () => {
    expect((await json(2, "schedules", "pause", "nightly")).error.message).toContain("1, 2");
    const paused = await json(0, "schedules", "pause", "nightly", "2");
    expect(paused).toMatchObject({ key: "2", state: "paused", next: [] });
    expect(await json(0, "schedules", "resume", "nightly", "2")).toMatchObject({
      state: "active",
      paused: null,
    });
    expect((await json(1, "schedules", "pause", "nightly", "3")).error.code).toBe("NOT_FOUND");
    expect((await json(1, "schedules", "pause", "report")).error.code).toBe("NOT_FOUND");
  });

  it("runs one by hand with its parameters and the interval that ended last", async () => {
    const args = ["schedules", "run", "nightly", "1", "--idempotency-key", "by-hand-once"];
    const run = await json(0, ...args, "--wait");
    expect(run).toMatchObject({
      state: "succeeded",
      trigger: "manual",
      params: { city: "seoul" },
      interval: { start: expect.stringMatching(/T17:30/), end: expect.stringMatching(/T17:30/) },
    });
    expect((await json(0, ...args)).id).toBe(run.id);
    expect(await json(0, "schedules", "run", "yearly", "--wait")).toMatchObject({ flow: "yearly" });
  });
});

describe("idem backfill", () => {
  const range = ["--from", "2024-02-28", "--to", "2024-03-02", "--timezone", "Asia/Seoul"];
  let id: string;

  beforeAll(async () => {
    await write(
      "refill.yaml",
      `
id: refill
params:
  city: { type: string, default: seattle }
tasks:
  day:
    type: shell
    run: test "$(echo $IDEM_INTERVAL_START | cut -c1-10)" != 2024-02-28 || test -e "$IDEM_DATA/leap"
`,
    );
    await write(
      "slow.yaml",
      `
id: slow
params:
  city: { type: string }
tasks:
  on: { type: wait, duration: 60s }
`,
    );
    await json(0, "flow", "push", "refill.yaml", "slow.yaml");
  });

  it("shows what would be done, and does nothing", async () => {
    const args = ["backfill", "create", "refill", ...range, "--plan"];
    const plan = await json(0, ...args);
    expect(plan).toMatchObject({
      flow: "refill",
      revision: 1,
      total: 3,
      counts: { run: 3, skip: 0 },
      range: { start: "2024-02-27T15:00:00.000Z", end: "2024-03-01T15:00:00.000Z" },
    });
    expect(plan.hash).toMatch(/^[0-9a-f]{64}$/);
    expect((await idem(...args)).stdout).toMatch(
      /3 to run, 0 to skip[\s\S]*2024-02-28T15:00.* run +missing/,
    );
    expect((await json(0, "backfill", "ls", "--flow", "refill")).items).toEqual([]);
  });

  it("runs a range, says what failed, and retries that alone", async () => {
    const args = ["backfill", "create", "refill", ...range, "--idempotency-key", "leap-days"];
    const failed = await json(1, ...args, "--wait");
    id = failed.id;
    expect(failed).toMatchObject({
      state: "failed",
      counts: { succeeded: 2, failed: 1, waiting: 0 },
      failed: [{ ordinal: 1, interval: { start: "2024-02-28T15:00:00.000Z" }, tries: 1 }],
    });
    expect((await json(0, ...args)).id).toBe(id);
    expect((await idem("backfill", "show", id)).stdout).toContain("Exit code 1");
    await writeFile(join(product.home, "data", "leap"), "");
    expect(await json(0, "backfill", "retry-failed", id, "--wait")).toMatchObject({
      state: "succeeded",
      counts: { succeeded: 3 },
      failed: [],
    });
    expect((await json(1, "backfill", "retry-failed", id)).error.code).toBe("NOTHING_TO_RUN");
    expect((await json(1, "backfill", "create", "refill", ...range)).error.code).toBe(
      "NOTHING_TO_RUN",
    );
    expect((await idem("backfill", "ls")).stdout).toMatch(/refill +succeeded .* 3\/3 +0/);
  });

  it("pauses, resumes and cancels one over sets of parameters", async () => {
    await write(
      "cities.json",
      JSON.stringify(["seoul", "busan", "jeju"].map((city) => ({ city }))),
    );
    const made = await json(
      0,
      "backfill",
      "create",
      "slow",
      "--sets",
      "cities.json",
      "--canary",
      "1",
    );
    expect(made).toMatchObject({ total: 3, canary: 1, source: { kind: "sets" }, range: null });
    const paused = await json(0, "backfill", "pause", made.id);
    expect(paused).toMatchObject({ pause: { kind: "person", by: "operator" } });
    expect(await json(0, "backfill", "concurrency", made.id, "2")).toMatchObject({
      concurrency: 2,
    });
    await json(0, "backfill", "resume", made.id);
    await json(0, "backfill", "pause", made.id);
    const cancelled = await json(0, "backfill", "cancel", made.id, "--running", "cancel", "--wait");
    expect(cancelled.state).toBe("cancelled");
    expect((await json(1, "backfill", "resume", made.id)).error.code).toBe("ALREADY_ENDED");
    await write("bad.json", "{}");
    expect(
      (await json(2, "backfill", "create", "slow", "--sets", "bad.json")).error.message,
    ).toContain("list");
    expect((await json(1, "backfill", "create", "slow")).error.code).toBe("INVALID_INPUT");
  });
});

describe("idem bulk", () => {
  it("counts, refuses another count, and cancels or reruns all that match", async () => {
    await write("held.yaml", "id: held\ntasks: { waits: { type: wait, duration: 1h } }\n");
    await json(0, "flow", "push", "held.yaml");
    for (let n = 0; n < 3; n++) await json(0, "run", "held");
    expect(await json(0, "bulk", "cancel", "--flow", "held", "--plan")).toMatchObject({
      kind: "cancel",
      count: 3,
    });
    const stale = await json(1, "bulk", "cancel", "--flow", "held", "--count", "2");
    expect(stale.error.code).toBe("STALE_PLAN");
    const done = await json(0, "bulk", "cancel", "--flow", "held", "--count", "3", "--wait");
    expect(done).toMatchObject({ total: 3, counts: { pending: 0, done: 3, failed: 0 } });
    expect(await json(0, "bulk", "show", done.id)).toMatchObject({ id: done.id, total: 3 });
    const { items } = await json(0, "bulk", "ls");
    expect(items[0]).toMatchObject({ id: done.id, kind: "cancel" });
    // Whoever is asked to stop ends a moment later.
    await expect
      .poll(async () => (await json(0, "bulk", "rerun", "--flow", "held", "--plan")).count)
      .toBe(3);
    const again = await json(0, "bulk", "rerun", "--flow", "held", "--wait");
    const reruns = again.items.map((item: { newRun: string }) => item.newRun);
    expect(new Set(reruns).size).toBe(3);
    for (const run of reruns) await json(0, "runs", "cancel", run);
    expect((await json(1, "bulk", "cancel", "--flow", "nothing")).error.code).toBe(
      "NOTHING_TO_RUN",
    );
  });
});

it("imports a recorded workflow and runs it faster than it was", async () => {
  const file = resolve("server/core/flow/testing/forkjoin.wfcommons.json");
  const imported = await json(0, "import", "wfcommons", file, "--scale", "0.001");
  expect(imported).toMatchObject({ tasks: 5, origin: "import", revision: 1 });
  expect(await json(0, "run", imported.id, "--wait")).toMatchObject({ state: "succeeded" });
});

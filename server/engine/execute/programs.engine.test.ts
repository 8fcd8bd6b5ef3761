/** Tasks of the types `shell` and `script`, executed by a real runner. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256Hex } from "#server/core/flow/canonical.ts";
import { readLog } from "#server/db/run/logs.ts";
import { type Executions, openExecutions } from "../../../test/engine/executions.ts";
import type { TaskDraft } from "../../../test/flow-builder.ts";
import { shell } from "../../../test/task-drafts.ts";

let executions: Executions;
beforeAll(async () => {
  executions = await openExecutions({ CANARY: "leaked", IDEM_LOG_LIMIT_BYTES: `${2 ** 20}` });
});
afterAll(() => executions.close());

const script = (language: string, code: string, draft: TaskDraft = {}): TaskDraft => ({
  type: "script",
  with: { language, code },
  ...draft,
});

describe("a shell task", () => {
  it("sees its templates, the documented environment and nothing else", async () => {
    const result = await executions.execute(
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
      { params: { who: "ada" } },
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
    const result = await executions.execute({
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
    const result = await executions.execute({
      a: shell('[ "$IDEM_ATTEMPT" = 3 ] || exit 1', { retry }),
    });
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
    const result = await executions.execute(
      {
        a: shell("cat data/in.csv; echo more >> data/in.csv; ls -l data/run.sh | cut -c1-10"),
        b: shell("cat data/in.csv; ./data/run.sh", { needs: ["a"] }),
      },
      {
        change: (flow) => {
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
    const result = await executions.execute({ a: shell(run) });
    expect(result.attemptsOf("a")).toMatchObject([
      { state: "failed", error: { kind: "output", message: expect.stringMatching(want) } },
    ]);
  });

  it("fails before it starts when a template has no value", async () => {
    const result = await executions.execute({
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
    const result = await executions.execute({
      a: shell(
        `${daemon} & setsid ${daemon} & (setsid sh -c "${daemon.replaceAll('"', '\\"')} &" &); sleep 0.2`,
      ),
      b: shell(`trap '' TERM; ${daemon} & ${daemon}`, { timeoutMs: 300 }),
    });
    expect(result.states).toEqual({ a: "succeeded", b: "failed" });
    expect(result.attemptsOf("b")).toMatchObject([
      { state: "timed_out", error: { kind: "timeout", message: "Timed out after 0.3 s." } },
    ]);
    const left = await executions.execute({
      look: shell(`ps ax -o args | grep '${mark}' | grep -v grep || echo none`),
    });
    expect((await left.log("look")).map((line) => line.text)).toEqual(["none"]);
  });

  it("may write a script of any length, and more log than fits", async () => {
    const long = `${"# a comment that is here to make it long\n".repeat(5_000)}echo end of it`;
    const result = await executions.execute({ a: shell(long), b: shell("seq 1 400000") });
    expect((await result.log("a")).map((line) => line.text)).toEqual(["end of it"]);
    const page = await readLog(
      executions.world.pool,
      { runId: result.runId, ordinal: 1, attempt: 1 },
      { from: 1, count: 1 },
    );
    expect(page).toMatchObject({ truncated: true, complete: true });
    expect(result.states).toEqual({ a: "succeeded", b: "succeeded" });
  });
});

describe("a script task", () => {
  it("runs Node.js", async () => {
    const result = await executions.execute({
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
    const result = await executions.execute({
      // biome-ignore lint/suspicious/noTemplateCurlyInString: an array of bash
      a: script("bash", 'list=(one two); echo "${list[1]}"'),
    });
    expect((await result.log("a")).map((line) => line.text)).toEqual(["two"]);
  });

  it("says which interpreter is missing", async () => {
    const result = await executions.execute({
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

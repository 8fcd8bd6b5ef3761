/** Tasks that call a function of their flow's bundle, executed by a real runner. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CompiledFlow } from "#server/core/flow/spec.ts";
import { type Executions, openExecutions } from "../../../test/engine/executions.ts";
import { call, giveFunctions, shell } from "../../../test/task-drafts.ts";

let executions: Executions;
beforeAll(async () => {
  executions = await openExecutions();
});
afterAll(() => executions.close());

describe("a function task", () => {
  const functions = `
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
  `;
  const change = (flow: CompiledFlow) => giveFunctions(flow, functions);

  it("gets parameters, outputs and its own environment, in a warm process", async () => {
    const result = await executions.execute(
      {
        sum: call("sum", { env: { GREETING: "hi {{ params.n }}" } }),
        next: call("next", { needs: ["sum"] }),
      },
      { change, params: { n: 41 } },
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
    const result = await executions.execute(
      Object.fromEntries(
        order.map((id, i) => [id, call("looks", { needs: order.slice(Math.max(0, i - 1), i) })]),
      ),
      { change },
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
    const result = await executions.execute(
      {
        fails: call("fails"),
        exits: call("exits"),
        hangs: call("hangs", { timeoutMs: 200 }),
        listens: call("listens", { timeoutMs: 200 }),
        odd: call("odd"),
        missing: call("nobody"),
      },
      { change },
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
    const result = await executions.execute({ forks: call("forks") }, { change });
    expect(result.states).toEqual({ forks: "succeeded" });
    const left = await executions.execute({
      look: shell("ps ax -o args | grep 'sleep 3333' | grep -v grep || echo none"),
    });
    expect((await left.log("look")).map((line) => line.text)).toEqual(["none"]);
  });
});

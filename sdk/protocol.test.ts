import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asOutput, loadBundle, type TaskInput, taskContext } from "./protocol.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "idem-sdk-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
function load(code: string) {
  count += 1;
  const path = join(folder, `${count}.mjs`);
  writeFileSync(path, `const flow = (d) => ({ [Symbol.for("idem.flow.1")]: d });\n${code}`);
  return loadBundle(path);
}

describe("loadBundle", () => {
  it("finds the functions of tasks by the task's id, `this` being the task", async () => {
    const handlers = await load(`export default flow({ id: "a", tasks: {
      one: { factor: 2, run(x) { return this.factor * x; } },
      two: { type: "shell", run: "true" },
      "three.x": { run: async () => 3 },
    } });`);
    expect([...handlers.keys()]).toEqual(["one", "three.x"]);
    expect(handlers.get("one")?.(4 as never)).toBe(8);
    expect(await handlers.get("three.x")?.({} as never)).toBe(3);
  });

  it.each([
    { code: "export const other = 1;", why: "nothing exported by default" },
    { code: "export default null;", why: "null" },
    { code: "export default { tasks: {} };", why: "an object that flow() has not seen" },
    { code: "export default flow(5);", why: "a number" },
  ])("refuses $why", async ({ code }) => {
    await expect(load(code)).rejects.toThrow("does not `export default flow");
  });

  it("passes on what the author's code throws", async () => {
    await expect(load(`throw new RangeError("mine");`)).rejects.toThrow(new RangeError("mine"));
  });
});

describe("taskContext", () => {
  const input: TaskInput = {
    params: { station: "seattle" },
    interval: null,
    identity: "f".repeat(64),
    task: "load",
    attempt: 2,
    env: { A: "b" },
    workdir: "/work",
    dataDir: "/data",
    outputs: { extract: { rows: 3 }, check: null },
  };
  const lines: string[] = [];
  const signal = new AbortController().signal;
  const context = taskContext(input, { signal, log: (line) => lines.push(line) });

  it("gives what the attempt has, and the outputs by a function only", () => {
    const { outputs: _, identity, ...rest } = input;
    expect(context).toMatchObject({ ...rest, run: { identity }, signal });
    expect(context).not.toHaveProperty("outputs");
    context.log("hello");
    expect(lines).toEqual(["hello"]);
  });

  it("tells outputs that are null from tasks that are not upstream", () => {
    expect(context.output("extract")).toEqual({ rows: 3 });
    expect(context.output("check")).toBeNull();
    expect(() => context.output("toString")).toThrow('There is no output of "toString"');
  });
});

describe("asOutput", () => {
  it.each([
    { result: undefined, want: null, why: "nothing is null" },
    { result: { a: [1, "x", null] }, want: { a: [1, "x", null] }, why: "JSON stays" },
    { result: { a: undefined }, want: {}, why: "undefined keys go, as in JSON" },
    { result: new Date(0), want: "1970-01-01T00:00:00.000Z", why: "what has a JSON form takes it" },
  ])("$why", ({ result, want }) => {
    expect(asOutput(result)).toEqual(want);
  });

  const circle: { self?: unknown } = {};
  circle.self = circle;
  it.each([
    { result: () => 1, why: "functions" },
    { result: Symbol("x"), why: "symbols" },
    { result: 1n, why: "big integers" },
    { result: circle, why: "circles" },
  ])("refuses $why", ({ result }) => {
    expect(() => asOutput(result)).toThrow(TypeError);
  });
});

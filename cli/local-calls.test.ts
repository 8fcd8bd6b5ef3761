import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { execute } from "./execute.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "idem-calls-"));
});
afterAll(() => rm(folder, { recursive: true }));

const calling = (id: string, called: string) =>
  `id: ${id}\ntasks:\n  call: { type: flow, flow: ${called} }\n`;

/** What `idem flow validate` says to programs and to people where these files are, without a server. */
async function validate(files: Record<string, string>, ...given: string[]) {
  const cwd = await mkdtemp(join(folder, "case-"));
  await mkdir(join(cwd, "flows"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, name), text);
  const call = async (...more: string[]) => {
    const written = { out: "", err: "" };
    const code = await execute({
      args: ["flow", "validate", ...given, ...more],
      // Nobody listens there.
      env: { IDEM_URL: "http://127.0.0.1:9" },
      cwd,
      streams: {
        out: (text) => {
          written.out += text;
        },
        err: (text) => {
          written.err += text;
        },
      },
    });
    return { code, ...written };
  };
  const { code, out } = await call("--json");
  const plain = await call();
  expect(plain.code).toBe(code);
  return { code, value: JSON.parse(out), stderr: plain.err };
}

describe("the flow that a task runs, without a server", () => {
  it("is found among the files given", async () => {
    const files = {
      "a.yaml": calling("a", "b"),
      "b.yaml": "id: b\ntasks: { x: { type: noop } }\n",
    };
    const { code, value, stderr } = await validate(files, "a.yaml", "b.yaml");
    expect([code, stderr]).toEqual([0, ""]);
    expect(value).toMatchObject([
      { id: "a", unchecked: [] },
      { id: "b", unchecked: [] },
    ]);
  });

  it("is found in the folder of flows", async () => {
    const files = {
      "a.yaml": calling("a", "b"),
      "flows/b.yaml": "id: b\ntasks: { x: { type: noop } }\n",
      "flows/broken.yaml": "id: [",
    };
    const { code, value, stderr } = await validate(files, "a.yaml");
    expect([code, stderr]).toEqual([0, ""]);
    expect(value).toMatchObject({ id: "a", unchecked: [] });
  });

  it("is said to be unchecked where it is not here, at its place", async () => {
    const { code, value, stderr } = await validate({ "a.yaml": calling("a", "b") }, "a.yaml");
    expect(code).toBe(0);
    expect(value.unchecked).toMatchObject([
      { task: "call", flow: "b", position: { file: "a.yaml", line: 3 } },
    ]);
    expect(stderr).toMatch(
      /^a\.yaml:3:\d+: note: The task "call" runs the flow "b", which is not in the files given or flows\./,
    );
  });

  it("must not lead back, also by way of the folder", async () => {
    const files = { "a.yaml": calling("a", "b"), "flows/b.yaml": calling("b", "a") };
    const { code, value } = await validate(files, "a.yaml");
    expect(code).toBe(1);
    expect(value.error).toMatchObject({
      code: "CYCLE",
      file: "a.yaml",
      line: 3,
      message: "Flows run each other: a → b → a.",
    });
  });
});

import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { execute } from "./execute.ts";

async function idem(args: string[], env: Record<string, string> = {}) {
  let stdout = "";
  let stderr = "";
  const code = await execute({
    args,
    env,
    cwd: "/",
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

describe("wrong usage", () => {
  it.each([
    { args: [], why: "no command" },
    { args: ["runs"], why: "half a command" },
    { args: ["bogus"], why: "an unknown command" },
    { args: ["run"], why: "a missing argument" },
    { args: ["runs", "ls", "--bogus"], why: "an unknown option" },
    { args: ["runs", "ls", "--state", "happy"], why: "an unknown state" },
    { args: ["runs", "ls", "--limit", "0"], why: "a number out of range" },
    { args: ["run", "hello", "-p", "novalue"], why: "a parameter without a value" },
    { args: ["run", "hello", "--interval-start", "nope"], why: "no date" },
    { args: ["import", "wfcommons", "x.json", "--scale", "-1"], why: "a scale below zero" },
    { args: ["runs", "logs", "1", "--attempt", "1"], why: "an attempt of no task" },
  ])("exits 2, one line on standard error: $why", async ({ args }) => {
    const { code, stdout, stderr } = await idem(args);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^USAGE: .+\n$/);
  });

  it("exits 2, one JSON value on standard output, with --json", async () => {
    const { code, stdout, stderr } = await idem(["runs", "ls", "--bogus", "--json"]);
    expect(code).toBe(2);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: "USAGE",
        message: "Unknown option '--bogus'.",
        fix: "See idem runs ls --help.",
      },
    });
  });

  it("exits 2 when IDEM_URL is no address", async () => {
    expect((await idem(["runs", "ls"], { IDEM_URL: "nonsense" })).code).toBe(2);
  });
});

it.each([
  { args: ["bogus"], help: "idem" },
  { args: ["runs"], help: "idem runs" },
  { args: ["runs", "bogus"], help: "idem runs" },
  { args: ["backfill", "pause"], help: "idem backfill pause" },
  { args: ["runs", "logs", "1", "--attempt", "1"], help: "idem runs logs" },
])("points to the help of $help", async ({ args, help }) => {
  expect((await idem(args)).stderr).toContain(` See ${help} --help.\n`);
});

it("tells its version", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const { code, stdout } = await idem(["--version"]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${version}\n` });
});

it("exits 0 on --help", async () => {
  const { code, stdout } = await idem(["runs", "logs", "--help"]);
  expect(code).toBe(0);
  expect(stdout).toContain("--follow");
});

describe("a server that is not Idem", () => {
  let server: Server;
  let url: string;
  const seen: (string | undefined)[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(200, { "content-type": "text/html" }).end("<html></html>");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it("exits 1 and says so", async () => {
    const { code, stderr } = await idem(["runs", "ls"], { IDEM_URL: url });
    expect(code).toBe(1);
    expect(stderr).toContain(`Idem does not answer at ${url}`);
  });

  it("is sent IDEM_TOKEN, and only when it is set", async () => {
    seen.length = 0;
    await idem(["runs", "ls"], { IDEM_URL: url, IDEM_TOKEN: "t0ken" });
    await idem(["runs", "ls"], { IDEM_URL: url });
    expect(seen).toEqual(["Bearer t0ken", undefined]);
  });
});

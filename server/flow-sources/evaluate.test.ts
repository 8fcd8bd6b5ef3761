import { execFileSync, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { evaluateBundle } from "./evaluate.ts";
import { createTestFolder } from "./testing/folder-kit.ts";

const flow = `const flow = (definition) => ({ [Symbol.for("idem.flow.1")]: definition });`;

function evaluate(code: string, limits = { timeoutMs: 20_000, memoryMb: 256 }) {
  return evaluateBundle(Buffer.from(`${flow}\n${code}`), limits);
}

describe("evaluateBundle", { timeout: 60_000 }, () => {
  it("gives the definition, its functions replaced by their names", async () => {
    const found = await evaluate(`export default flow({
      id: "a", name: undefined,
      tasks: { b: { run: () => 1, needs: [] }, c: { type: "shell", run: "true" } },
    });`);
    expect(found).toMatchObject({
      ok: true,
      definition: {
        id: "a",
        tasks: {
          b: { type: "function", handler: "b", needs: [] },
          c: { type: "shell", run: "true" },
        },
      },
      faults: [],
    });
  });

  it("shows the code no variable of this process", async () => {
    vi.stubEnv("DATABASE_URL", "postgres://secret");
    const found = await evaluate(
      `export default flow({ names: Object.keys(process.env).sort() });`,
    );
    vi.unstubAllEnvs();
    const names = found.ok ? (found.definition as { names: string[] }).names : [];
    expect(names.filter((name) => !["NODE_ENV", "TZ", "PWD", "SHLVL", "_"].includes(name))).toEqual(
      [],
    );
  });

  it.each([
    {
      code: "while (true);",
      timeoutMs: 1_000,
      want: "took longer than 1 s",
      why: "an endless loop",
    },
    {
      code: "const all = []; while (true) all.push(new Array(1_000).fill(all.length));",
      timeoutMs: 60_000,
      want: "needs more than 64 MB of memory",
      why: "endless memory",
    },
    {
      code: "process.kill(process.pid, 'SIGKILL');",
      timeoutMs: 20_000,
      want: "exit code 137",
      why: "its end",
    },
    {
      code: `export default flow({ name: "x".repeat(33 * 1024 * 1024) });`,
      timeoutMs: 20_000,
      want: "larger than 32 MB",
      why: "an endless answer",
    },
    {
      code: `export default flow({ tags: Array.from({ length: 1_000_001 }, () => 1) });`,
      timeoutMs: 20_000,
      want: "more than 1000000 values",
      why: "too many values",
    },
    {
      code: `import { connect } from "node:net"; new Worker("");`,
      timeoutMs: 20_000,
      want: "Worker is not defined",
      why: "an error of its own",
    },
    {
      code: `import { Worker } from "node:worker_threads"; new Worker("x", { eval: true });`,
      timeoutMs: 20_000,
      want: "may not read files or start programs",
      why: "another thread",
    },
  ])("survives $why", async ({ code, timeoutMs, want }) => {
    const memoryMb = want.includes("64 MB") ? 64 : 256;
    const found = await evaluate(code, { timeoutMs, memoryMb });
    expect(found.ok ? null : found.message).toContain(want);
  });

  it("does not wait for what the code leaves running", async () => {
    const started = performance.now();
    const found = await evaluate(`setInterval(() => {}, 1_000); export default flow({ id: "a" });`);
    expect(found.ok).toBe(true);
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  it("leaves nothing on disk", async () => {
    const folder = createTestFolder();
    vi.stubEnv("TMPDIR", folder.path);
    await evaluate(`export default flow({ id: "a" });`);
    vi.unstubAllEnvs();
    expect(readdirSync(folder.path)).toEqual([]);
    folder.close();
  });

  it.each([
    { code: "while (true);", why: "caught in a loop" },
    { code: "setInterval(() => {}, 1_000); await new Promise(() => {});", why: "waiting for ever" },
  ])("leaves no child behind when its own process is killed: $why", async ({ code }) => {
    const folder = createTestFolder();
    const script = `
      import { evaluateBundle } from ${JSON.stringify(join(import.meta.dirname, "evaluate.ts"))};
      await evaluateBundle(Buffer.from(${JSON.stringify(code)}), { timeoutMs: 3_000, memoryMb: 64 });`;
    folder.put("parent.mts", script);
    const parent = spawn(process.execPath, ["--import", "tsx", join(folder.path, "parent.mts")], {
      env: { ...process.env, TMPDIR: folder.path },
      stdio: "inherit",
    });
    const children = () =>
      execFileSync("ps", ["-eo", "etimes,args"], { encoding: "utf8" })
        .split("\n")
        .filter((line) => line.includes(folder.path) && line.includes("evaluate.mjs"));
    const isUnderway = () => children().some((line) => Number.parseInt(line.trim(), 10) >= 1);
    await expect.poll(isUnderway, { timeout: 30_000, interval: 50 }).toBe(true);
    parent.kill("SIGKILL");
    await expect.poll(children, { timeout: 30_000, interval: 50 }).toEqual([]);
    folder.close();
  });
});

import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { descendants, listProcesses } from "./processes.ts";

it("finds a child below this process and reads memory of both", async () => {
  const folder = await mkdtemp(join(tmpdir(), "idem-processes-"));
  const program = join(folder, "child.mjs");
  await writeFile(program, 'process.send("up"); process.on("disconnect", () => process.exit());');
  const child = fork(program, { execArgv: [] });
  try {
    await once(child, "message");
    const rows = descendants(await listProcesses(), process.pid);
    const found = rows.find((row) => row.pid === child.pid);
    expect(found?.residentBytes).toBeGreaterThan(10_000_000);
    expect(rows[0]?.pid).toBe(process.pid);
  } finally {
    const gone = once(child, "exit");
    child.disconnect();
    await gone;
    await rm(folder, { recursive: true });
  }
});

it("follows parents over several generations and leaves others out", () => {
  const row = (pid: number, parent: number) => ({ pid, parent, residentBytes: 0 });
  const rows = [row(5, 4), row(1, 0), row(4, 2), row(2, 1), row(3, 1)];
  expect(descendants(rows, 2).map(({ pid }) => pid)).toEqual([2, 4, 5]);
});

import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { awaitOrphans, lockHome } from "./home.ts";
import { identify, isSame } from "./process-identity.ts";

let path: string;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "idem-home-"));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

describe("lockHome", () => {
  it("creates the folder and is taken until it is released", () => {
    const below = join(path, "a", "b");
    const home = lockHome(below);
    expect(() => lockHome(below)).toThrow(`Idem already runs on ${below}`);
    home.release();
    lockHome(below).release();
  });

  it("takes over the lock of a process that is gone, even if its id is another's now", () => {
    const lock = join(path, "supervisor.lock");
    writeFileSync(lock, JSON.stringify({ pid: process.pid, started: "long ago" }));
    const home = lockHome(path);
    expect(JSON.parse(readFileSync(lock, "utf8"))).toEqual(identify(process.pid));
    home.release();
  });

  it("takes over a torn lock and leaves no file of its own behind", () => {
    writeFileSync(join(path, "supervisor.lock"), '{"pid":');
    lockHome(path).release();
    expect(readdirSync(path)).toEqual(["data"]);
  });
});

describe("awaitOrphans", () => {
  it("waits for the noted children, and only for those very processes", async () => {
    const home = lockHome(path);
    const child = spawn("sleep", ["60"]);
    if (child.pid === undefined) throw new Error("sleep did not start");
    home.noteChildren([child.pid]);
    const told: string[] = [];
    const waiting = awaitOrphans(path, (message) => told.push(message));
    expect(told).toHaveLength(1);
    child.kill("SIGKILL");
    await waiting;
    home.noteChildren([process.pid]);
    const file = join(path, "children.json");
    writeFileSync(file, readFileSync(file, "utf8").replace(/"started":"/, '"started":"not '));
    await awaitOrphans(path, (message) => told.push(message));
    expect(told).toHaveLength(1);
    home.release();
  });
});

describe("identify", () => {
  it("names a living process for as long as it lives", async () => {
    const child = spawn("sleep", ["60"]);
    const found = identify(child.pid ?? 0);
    expect(found && isSame(found)).toBe(true);
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
    expect(found && isSame(found)).toBe(false);
    expect(identify(child.pid ?? 0)).toBeNull();
  });
});

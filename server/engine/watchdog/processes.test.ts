import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, beforeEach, expect, it } from "vitest";
import { findProcesses, isLinux, lastProcessId, sweep } from "./processes.ts";

const token = `token-${process.pid}`;
/** A group of the test's own that has ended. */
let group: number;
let child: ChildProcess;
let pid: number;

beforeEach(async () => {
  const first = spawn("true", { detached: true, stdio: "ignore" });
  await once(first, "exit");
  group = first.pid as number;
  child = spawn("sleep", ["60"], {
    detached: true,
    stdio: "ignore",
    env: { ...process.env, IDEM_ATTEMPT_TOKEN: token },
  });
  await once(child, "spawn");
  pid = child.pid as number;
});
afterEach(() => {
  child.kill("SIGKILL");
});

const marker = `IDEM_ATTEMPT_TOKEN=${token}`;
const nobody = new Set<number>();

it.runIf(isLinux)("finds by marker and by session, asked for by number or in the list", () => {
  for (const upTo of [undefined, lastProcessId() ?? pid]) {
    const range = (above: number) => (upTo === undefined ? { above } : { above, upTo });
    expect(findProcesses({ marker, sessions: nobody, ...range(pid - 1) })).toEqual([pid]);
    expect(findProcesses({ marker: null, sessions: new Set([pid]), ...range(pid - 1) })).toEqual([
      pid,
    ]);
    expect(findProcesses({ marker, sessions: nobody, ...range(pid) })).toEqual([]);
    expect(findProcesses({ marker: `${marker}0`, sessions: nobody, ...range(pid - 1) })).toEqual(
      [],
    );
  }
});

it.runIf(isLinux)("looks at all processes when the numbers are too many to ask for", () => {
  expect(findProcesses({ marker, sessions: nobody, above: 0, upTo: 4_194_304 })).toEqual([pid]);
});

it("kills what carries the token of an attempt though it has left the group", async () => {
  const gone = once(child, "exit");
  await sweep(group, isLinux ? token : null);
  if (!isLinux) child.kill("SIGKILL");
  expect((await gone)[1]).toBe("SIGKILL");
});

/**
 * A process beside each runner, in a session of its own, that outlives it: when the runner dies or
 * falls silent it kills everything the runner has started, before anybody else may take the tasks.
 *
 * It reads one word and one number a line from standard input:
 *   group <pgid>   a process group has been started       ended <pgid>   it is no more
 *   beat <ms>      the lease was renewed by a request sent at that time, on the clock of leases
 * End of input means that the runner is gone.
 *
 * Arguments: the token in the environment of all that the runner starts, the silence in milliseconds
 * after which the runner counts as frozen, and IDEM_HOME for whoever looks at the processes.
 */
import { createInterface } from "node:readline";
import { leaseClockMs } from "./clock.ts";
import { findProcesses, signalGroup, signalProcess, TOKEN_VARIABLE } from "./processes.ts";

/** Passes without a find after which nothing of the runner is left. */
const CLEAN_PASSES = 2;
const PASS_PAUSE_MS = 20;
/** A process in uninterruptible sleep cannot be killed; waiting longer does not help. */
const MAX_PASSES = 250;

const [token = "", silence = ""] = process.argv.slice(2);
const silenceMs = Number(silence);
if (token === "" || !(silenceMs > 0)) throw new Error("usage: watchdog <token> <silence in ms>");

const groups = new Set<number>();
let renewedAt = leaseClockMs();
let killing: Promise<void> | null = null;

/** Kills all groups at once, then whatever else carries the token, until nothing is found any more. */
async function killEverything(): Promise<void> {
  const sessions = new Set(groups);
  for (const group of groups) signalGroup(group, "SIGKILL");
  const marker = `${TOKEN_VARIABLE}=${token}`;
  for (let clean = 0, pass = 0; clean < CLEAN_PASSES && pass < MAX_PASSES; pass++) {
    const found = findProcesses({ marker, sessions, above: 0 });
    for (const pid of found) signalProcess(pid, "SIGKILL");
    clean = found.length === 0 ? clean + 1 : 0;
    await new Promise((resolve) => setTimeout(resolve, PASS_PAUSE_MS));
  }
}

/** One killing at a time; a request meanwhile starts another one, for what was registered since. */
function kill(): Promise<void> {
  killing ??= killEverything().finally(() => {
    killing = null;
  });
  return killing;
}

const input = createInterface({ input: process.stdin });
input.on("line", (line) => {
  const [word, number] = line.split(" ");
  const value = Number(number);
  switch (word) {
    case "group":
      groups.add(value);
      // Started by a runner that does not know yet that its time is over.
      if (isSilent()) signalGroup(value, "SIGKILL");
      break;
    case "ended":
      groups.delete(value);
      break;
    case "beat":
      renewedAt = Math.max(renewedAt, value);
      break;
  }
});
input.once("close", () => {
  clearInterval(guard);
  void kill()
    .then(() => kill())
    .then(() => process.exit(0));
});

function isSilent(): boolean {
  return leaseClockMs() - renewedAt > silenceMs;
}

let killedFor = 0;
const guard = setInterval(
  () => {
    if (!isSilent() || killedFor === renewedAt) return;
    killedFor = renewedAt;
    void kill();
  },
  Math.min(100, silenceMs / 10),
);

// The signals that end the runner are not meant for its watchdog: it goes when the runner has gone.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});

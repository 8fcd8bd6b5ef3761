/** Lets one build run at a time in this folder; another waits for it and then finds it done. */
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const LOCK = "dist/.build.lock";
const POLL_MS = 200;
/** The owner touches the lock this often; process ids are reused, so that alone would not do. */
const BEAT_MS = 1_000;
const STALE_MS = 10_000;

function isHeld() {
  try {
    process.kill(Number(readFileSync(LOCK, "utf8")), 0);
    return Date.now() - statSync(LOCK).mtimeMs < STALE_MS;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Runs `work` under the lock. The lock of a killed build is taken over. */
export async function withBuildLock(work) {
  mkdirSync("dist", { recursive: true });
  for (let told = false; ; ) {
    try {
      writeFileSync(LOCK, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (isHeld()) {
      if (!told) process.stderr.write("Waiting for another build to end\n");
      told = true;
      await sleep(POLL_MS);
    } else {
      rmSync(LOCK, { force: true });
    }
  }
  const beat = setInterval(() => utimesSync(LOCK, new Date(), new Date()), BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    rmSync(LOCK, { force: true });
  }
}

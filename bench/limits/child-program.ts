/**
 * A small process beside the benchmark. It answers a number by that number, and a request for
 * bare starts of `/bin/sh -c true` by their times. Spawning costs more the larger the spawning
 * process is, which is why the benchmark does not do it itself.
 */
import { spawn } from "node:child_process";
import type { ChildRequest } from "./child.ts";

/** Milliseconds from the call until the child is gone and its pipes are closed. */
function spawnTrue(): Promise<number> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn("/bin/sh", ["-c", "true"], { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.resume();
    child.stderr.resume();
    child.once("error", reject);
    child.once("close", () => resolve(performance.now() - began));
  });
}

async function spawnMany(count: number): Promise<void> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) times.push(await spawnTrue());
  process.send?.(times);
}

process.on("message", (request: ChildRequest) => {
  if (typeof request === "number") process.send?.(request);
  else void spawnMany(request.spawn);
});
process.on("disconnect", () => process.exit(0));

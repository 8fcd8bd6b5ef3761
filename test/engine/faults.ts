/** What tests of faults share: worlds side by side, one story, and what must hold after it. */
import { expect } from "vitest";
import { buildFlow, type TaskDraft } from "../flow-builder.ts";
import { awaitRun, readTasks, startRun, storeFlow } from "./runs.ts";
import { createWorld, type EngineWorld } from "./world.ts";

/** How often each fault is tried, in worlds side by side. */
export const TIMES = 5;
/** Below the limit of a test, so that a wait that is in vain says what for. */
export const LIMIT_MS = 90_000;

/**
 * Does the same in several worlds at a time, and removes them whatever happens. A world in which it
 * failed is shown before.
 */
export async function inWorlds(
  count: number,
  play: (world: EngineWorld, index: number) => Promise<void>,
): Promise<void> {
  const worlds = await Promise.all(Array.from({ length: count }, () => createWorld()));
  const results = await Promise.allSettled(worlds.map((world, index) => play(world, index)));
  for (const [index, result] of results.entries()) {
    const world = worlds[index];
    if (result.status === "fulfilled" || world === undefined) continue;
    console.error(`World ${index + 1} of ${count} when it failed:\n${await world.describe()}`);
  }
  await Promise.all(worlds.map((world) => world.remove()));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

/** Stores the tasks as a flow and starts one run of it, with the key "the one". */
export async function begin(world: EngineWorld, tasks: Record<string, TaskDraft>): Promise<string> {
  const stored = await storeFlow(world.pool, buildFlow("faults", tasks));
  return startRun(world.pool, stored, { key: "the one" });
}

/** Waits for the end: everything succeeded, and every invariant holds. */
export async function expectRecovered(world: EngineWorld, runId: string): Promise<void> {
  const run = await awaitRun(world.pool, runId, LIMIT_MS);
  const tasks = await readTasks(world.pool, runId);
  expect({ run: run.state, tasks: tasks.map((task) => task.state) }).toEqual({
    run: "succeeded",
    tasks: tasks.map(() => "succeeded"),
  });
  expect(await world.finish(["the one"])).toEqual([]);
}

import { type Actor, authorise } from "#server/auth/actor.ts";
import { AppError } from "#server/core/errors.ts";
import type { RunnerView } from "#server/core/queue/runner-view.ts";
import { wakeRunners } from "#server/db/live/notify.ts";
import { orderDrain, orderResume, orderSlots } from "#server/db/runners.ts";
import type { Deps } from "#server/usecases/deps.ts";
import type { RunnerInput, RunnerSlotsInput } from "./inputs.ts";
import { listRunners } from "./read.ts";

/**
 * Lets a runner end what it has and take nothing new until somebody resumes it. One that drains
 * already stays as it is.
 * @throws AppError NOT_FOUND, CONFLICT when it has stopped
 */
export async function drain(deps: Deps, actor: Actor, input: RunnerInput): Promise<RunnerView> {
  authorise(actor, "queue:control");
  await orderDrain(deps.pool, input.id, actor.name);
  const runner = await find(deps, actor, input.id);
  if (runner.state !== "draining") refuseGone(runner);
  return runner;
}

/**
 * Lets a drained runner take tasks again. One that is active stays as it is.
 * @throws AppError NOT_FOUND, CONFLICT when it has stopped or is about to
 */
export async function resume(deps: Deps, actor: Actor, input: RunnerInput): Promise<RunnerView> {
  authorise(actor, "queue:control");
  await orderResume(deps.pool, input.id);
  const runner = await find(deps, actor, input.id);
  if (runner.state === "draining") {
    throw new AppError("CONFLICT", `The runner ${runner.name} is about to stop.`, {
      fix: "Start it again once it has stopped.",
    });
  }
  if (runner.state !== "active") refuseGone(runner);
  await wakeRunners(deps.pool);
  return runner;
}

/**
 * Gives a runner so many slots until it ends; tasks above a lowered number go on.
 * @throws AppError NOT_FOUND, CONFLICT when it has stopped
 */
export async function setSlots(
  deps: Deps,
  actor: Actor,
  input: RunnerSlotsInput,
): Promise<RunnerView> {
  authorise(actor, "queue:control");
  const isSet = await orderSlots(deps.pool, input.id, input.slots);
  const runner = await find(deps, actor, input.id);
  if (!isSet) refuseGone(runner);
  await wakeRunners(deps.pool);
  return runner;
}

async function find(deps: Deps, actor: Actor, id: string): Promise<RunnerView> {
  const runner = (await listRunners(deps, actor)).find((candidate) => candidate.id === id);
  if (runner === undefined) {
    throw new AppError("NOT_FOUND", `There is no runner ${id}.`, {
      fix: "Look at the list of runners.",
    });
  }
  return runner;
}

function refuseGone(runner: RunnerView): never {
  throw new AppError("CONFLICT", `The runner ${runner.name} has ended: ${runner.state}.`, {
    fix: "Choose one that is active.",
  });
}

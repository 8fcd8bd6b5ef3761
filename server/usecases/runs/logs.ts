import { type Actor, authorise } from "#server/auth/actor.ts";
import type { LogPage } from "#server/core/run/attempt-view.ts";
import { readLog, searchLog, streamLog } from "#server/db/run/logs.ts";
import type { Deps } from "#server/usecases/deps.ts";
import type { LogInput, SearchLogInput, TaskRef } from "./inputs.ts";
import { locateTask } from "./read.ts";

/** Most matches one search returns. */
const searchLimit = 10_000;

/** Lines of one attempt's log by number. */
export async function getLog(deps: Deps, actor: Actor, input: LogInput): Promise<LogPage> {
  authorise(actor, "run:read");
  const place = await locateTask(deps, input);
  return readLog(
    deps.pool,
    { runId: place.run, ordinal: place.ordinal, attempt: input.attempt },
    { from: input.from, count: input.count },
  );
}

/** Numbers of the lines that contain a text, upper and lower case alike. */
export async function findInLog(
  deps: Deps,
  actor: Actor,
  input: SearchLogInput,
): Promise<{ lines: number[]; more: boolean }> {
  authorise(actor, "run:read");
  const place = await locateTask(deps, input);
  return searchLog(
    deps.pool,
    { runId: place.run, ordinal: place.ordinal, attempt: input.attempt },
    input.text,
    { limit: searchLimit },
  );
}

/** The log of one attempt as it is stored, byte for byte. */
export async function downloadLog(
  deps: Deps,
  actor: Actor,
  input: TaskRef & { attempt: number },
): Promise<AsyncIterable<Uint8Array>> {
  authorise(actor, "run:read");
  const place = await locateTask(deps, input);
  return streamLog(deps.pool, {
    runId: place.run,
    ordinal: place.ordinal,
    attempt: input.attempt,
  });
}

import { setTimeout as sleep } from "node:timers/promises";
import { isRunEnded } from "#server/core/run/states.ts";
import type { RunDetail } from "#server/core/run/view.ts";
import type { Api } from "./api.ts";
import { Failure } from "./failure.ts";

const POLL_MS = 250;

/**
 * Waits until the run has ended, whatever its end.
 * @throws Failure NOT_FOUND when there is no such run
 */
export async function waitForRun(api: Api, id: string): Promise<RunDetail> {
  for (;;) {
    // A row of the list is cheap; the tasks are read once, at the end.
    const [run] = await api.runs.byIds.query({ ids: [id] });
    if (run === undefined) throw new Failure("NOT_FOUND", `There is no run ${id}.`);
    if (isRunEnded(run.state)) return api.runs.get.query({ id });
    await sleep(POLL_MS);
  }
}

import { type Actor, authorise } from "#server/auth/actor.ts";
import type { RunDelta, RunDetail, TaskRunView } from "#server/core/run/view.ts";
import type { LiveHub } from "#server/engine/live.ts";
import type { Deps } from "#server/usecases/deps.ts";
import { getRun } from "./read.ts";

/** Least time between two looks at one run, so that a busy run does not cost more than it shows. */
const paceMs = 100;

/**
 * Follows one run: first everything, then what changed each time the run was reported to have
 * changed. Rows are the truth, a report only wakes, so nothing is missed after a reconnect.
 * Goes on after the run has ended, since a rerun of it is news too.
 * @throws AppError NOT_FOUND
 */
export async function* watchRun(
  deps: Deps & { live: LiveHub },
  actor: Actor,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<RunDelta> {
  authorise(actor, "run:read");
  const seen = new Map<string, string>();
  let lastRun = "";
  for await (const _ of wakes(deps.live, signal, (ids) => ids === "all" || ids.has(id))) {
    const started = performance.now();
    const run = await getRun(deps, actor, id);
    const delta = changesOf(run, seen);
    const head = JSON.stringify(delta.run);
    if (delta.tasks.length > 0 || head !== lastRun) {
      lastRun = head;
      yield delta;
    }
    await pause(Math.max(paceMs, 2 * (performance.now() - started)), signal);
  }
}

/** Reports which runs changed, coalesced; `all` after anything may have been missed. */
export async function* watchRuns(
  live: LiveHub,
  actor: Actor,
  signal: AbortSignal,
): AsyncGenerator<{ runs: string[] | "all" }> {
  authorise(actor, "run:read");
  let changed: Set<string> | "all" = "all";
  const collect = (ids: ReadonlySet<string> | "all") => {
    if (ids === "all" || changed === "all") changed = "all";
    else for (const id of ids) changed.add(id);
    return true;
  };
  for await (const _ of wakes(live, signal, collect)) {
    const runs: string[] | "all" = changed === "all" ? "all" : [...changed];
    changed = new Set();
    yield { runs };
    await pause(paceMs, signal);
  }
}

function changesOf(run: RunDetail, seen: Map<string, string>): RunDelta {
  const tasks: TaskRunView[] = [];
  for (const task of run.tasks) {
    const text = JSON.stringify(task);
    if (seen.get(task.id) === text) continue;
    seen.set(task.id, text);
    tasks.push(task);
  }
  const { state, startedAt, finishedAt, firstError, recovered, taskCounts } = run;
  const { cancelRequestedAt, held, reruns, calls } = run;
  return {
    version: run.version,
    now: run.now,
    run: {
      state,
      startedAt,
      finishedAt,
      firstError,
      recovered,
      taskCounts,
      cancelRequestedAt,
      held,
      reruns,
      calls,
    },
    tasks,
  };
}

/** Yields once at the start, then once for any number of matching reports since the last yield. */
export async function* wakes(
  live: LiveHub,
  signal: AbortSignal,
  matches: (ids: ReadonlySet<string> | "all") => boolean,
): AsyncGenerator<void> {
  let pending = true;
  let wake: (() => void) | undefined;
  const unsubscribe = live.subscribe((ids) => {
    if (!matches(ids)) return;
    pending = true;
    wake?.();
  });
  const stop = () => wake?.();
  signal.addEventListener("abort", stop);
  try {
    while (!signal.aborted) {
      if (!pending) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        wake = undefined;
        continue;
      }
      pending = false;
      yield;
    }
  } finally {
    unsubscribe();
    signal.removeEventListener("abort", stop);
  }
}

/** Waits, or returns at once when the subscription ends. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}

/** Calls a function of the revision's bundle as an attempt. */
import type { Json } from "../../core/flow/spec.ts";
import { checkOutput } from "../../core/run/output.ts";
import type { RevisionFileRow } from "../../db/flow/blobs.ts";
import type { RunFacts } from "../../db/queue/queue-run.ts";
import { intervalOf } from "../../db/sql.ts";
import { TaskFailure } from "../../plugins/sdk.ts";
import { ATTEMPT_TOKEN_VARIABLE } from "../watchdog/processes.ts";
import type { WorkerPool } from "../worker/worker-pool.ts";
import type { Call, WorkerProcess } from "../worker/worker-process.ts";
import type { Attempt, Rendered } from "./attempt.ts";
import { taskEnvironment } from "./environment.ts";
import { environmentInput } from "./run-program.ts";
import { outputsUpstream } from "./scope.ts";
import type { Workdir } from "./workdir.ts";

/**
 * @returns what the function returned
 * @throws TaskFailure
 */
export async function callFunction(
  pool: WorkerPool,
  attempt: Attempt,
  facts: RunFacts,
  rendered: Rendered,
  handler: string,
): Promise<Json | undefined> {
  const { tools, model } = attempt;
  const { bundle } = model.spec;
  if (bundle === undefined) {
    throw new TaskFailure({ kind: "start", message: "The revision has no bundled code." });
  }
  const { attempt: number, revisionId } = attempt.live.claim;
  const [outputs, path, files] = await Promise.all([
    attempt.persist(() => outputsUpstream(tools.readOutputs, facts.id, model, attempt.definedAt)),
    attempt.persist(() => tools.bundlePath(bundle)),
    attempt.persist(() => tools.revisionFiles(revisionId)),
  ]);
  const reservation = await reserve(pool, attempt, bundle, files);
  const { worker, workdir } = reservation;
  try {
    const input = environmentInput(attempt, facts, rendered, workdir);
    const call: Call = {
      type: "run",
      bundle: path,
      handler,
      environment: taskEnvironment(input),
      until: tools.lease.startUntil,
      input: {
        params: facts.params,
        interval: intervalOf(facts.intervalStart, facts.intervalEnd),
        identity: facts.identity,
        task: attempt.taskId,
        attempt: number,
        env: rendered.env,
        workdir: workdir.work,
        dataDir: tools.dataDir,
        outputs,
        ...rendered.each,
      },
    };
    attempt.checkLease();
    return checked(await callWorker(attempt, worker, call));
  } finally {
    giveBack(pool, attempt, reservation);
  }
}

interface Reservation {
  worker: WorkerProcess;
  workdir: Workdir;
  /** False when the folder holds the revision's files. */
  empty: boolean;
}

/** A worker, and a folder for the attempt: the one that the worker kept, if it may do. */
async function reserve(
  pool: WorkerPool,
  attempt: Attempt,
  bundle: string,
  files: readonly RevisionFileRow[],
): Promise<Reservation> {
  const worker = pool.take(bundle);
  worker.tidy?.();
  const empty = files.length === 0;
  const kept = empty ? worker.workdir : null;
  if (kept !== null) {
    worker.workdir = null;
    return { worker, workdir: kept, empty };
  }
  try {
    const workdir = await attempt.persist(() => attempt.tools.workdirs.make(files));
    return { worker, workdir, empty };
  } catch (error) {
    pool.giveBack(worker);
    throw error;
  }
}

/**
 * Most functions leave their folder as it was. It stays with the worker then, whose next attempt of the
 * same flow finds what a new one would be: making and removing folders costs more than a short function.
 * So would looking into it, which therefore comes after the attempt's report, and before the next attempt.
 */
function giveBack(
  pool: WorkerPool,
  { tools }: Attempt,
  { worker, workdir, empty }: Reservation,
): void {
  const tidy = () => {
    if (worker.tidy !== tidy) return;
    worker.tidy = null;
    if (empty && worker.alive && worker.workdir === null && workdir.isUntouched()) {
      worker.workdir = workdir;
    } else {
      workdir.remove().catch((error: unknown) => tools.onLeftover(workdir.work, error));
    }
  };
  worker.tidy = tidy;
  pool.giveBack(worker);
  // The report is sent at the end of this turn of the event loop.
  setImmediate(() => setImmediate(tidy));
}

/** A worker that has not answered, or that was told to end, is killed with all that it started. */
async function callWorker(attempt: Attempt, worker: WorkerProcess, call: Call): Promise<Json> {
  let answered = false;
  try {
    attempt.stopWith(worker);
    const output = await worker.call(call, attempt.log);
    answered = !attempt.stopped;
    return output;
  } catch (error) {
    // A function that throws has answered: its worker is as good as before.
    answered = error instanceof TaskFailure && error.error.kind === "exception" && !attempt.stopped;
    throw error;
  } finally {
    if (!answered) await worker.kill(call.environment[ATTEMPT_TOKEN_VARIABLE] ?? null);
  }
}

function checked(output: Json): Json {
  try {
    return checkOutput(output);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new TaskFailure({ kind: "output", message });
  }
}

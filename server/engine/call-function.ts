/** Calls a function of the revision's bundle as an attempt. */
import type { Json } from "../core/flow/spec.ts";
import { checkOutput } from "../core/run/output.ts";
import type { RunFacts } from "../db/queue-run.ts";
import { TaskFailure } from "../plugins/sdk.ts";
import type { Attempt, Rendered } from "./attempt.ts";
import { taskEnvironment } from "./environment.ts";
import { ATTEMPT_TOKEN_VARIABLE } from "./processes.ts";
import { attemptWorkdir, environmentInput } from "./run-program.ts";
import { outputsUpstream } from "./scope.ts";
import type { WorkerPool } from "./worker-pool.ts";
import type { Call } from "./worker-process.ts";

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
  const { attempt: number } = attempt.live.claim;
  const [outputs, path, workdir] = await Promise.all([
    attempt.persist(() => outputsUpstream(tools.readOutputs, facts.id, model, attempt.definedAt)),
    attempt.persist(() => tools.bundlePath(bundle)),
    attemptWorkdir(attempt),
  ]);
  try {
    const input = environmentInput(attempt, facts, rendered, workdir);
    const { intervalStart: start, intervalEnd: end } = facts;
    const call: Call = {
      type: "run",
      bundle: path,
      handler,
      environment: taskEnvironment(input),
      until: tools.lease.startUntil,
      input: {
        params: facts.params,
        interval:
          start === null || end === null
            ? null
            : { start: start.toISOString(), end: end.toISOString() },
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
    return await callWorker(pool, attempt, bundle, call);
  } finally {
    workdir.remove().catch((error: unknown) => tools.onLeftover(workdir.work, error));
  }
}

async function callWorker(
  pool: WorkerPool,
  attempt: Attempt,
  bundle: string,
  call: Call,
): Promise<Json> {
  const worker = pool.take(bundle);
  let healthy = false;
  try {
    attempt.stopWith(worker);
    const output = await worker.call(call, attempt.log);
    healthy = !attempt.stopped;
    return checked(output);
  } catch (error) {
    // A function that throws has answered: its worker is as good as before.
    healthy = error instanceof TaskFailure && error.error.kind === "exception" && !attempt.stopped;
    throw error;
  } finally {
    if (!healthy) await worker.kill(call.environment[ATTEMPT_TOKEN_VARIABLE] ?? null);
    pool.giveBack(worker, healthy);
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

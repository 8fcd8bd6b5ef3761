/** Runs a task type's program as an attempt: folder, environment, output, exit code. */
import { randomUUID } from "node:crypto";
import { constants, statSync } from "node:fs";
import { access, open, writeFile } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import { AppError } from "../../core/errors.ts";
import type { Json } from "../../core/flow/spec.ts";
import { MAX_OUTPUT_BYTES, parseOutput, tooLong } from "../../core/run/output.ts";
import type { RunFacts } from "../../db/queue/queue-run.ts";
import { type Program, TaskFailure } from "../../plugins/sdk.ts";
import type { Attempt, Rendered } from "./attempt.ts";
import { taskEnvironment } from "./environment.ts";
import { endFailure } from "./process-end.ts";
import { startProgram } from "./program.ts";
import type { Workdir } from "./workdir.ts";

/**
 * @returns the value of the output file, or undefined when there is none
 * @throws TaskFailure for anything but exit code 0 and a readable output
 */
export async function runProgram(
  attempt: Attempt,
  facts: RunFacts,
  rendered: Rendered,
  program: Program,
): Promise<Json | undefined> {
  const workdir = await attemptWorkdir(attempt);
  try {
    const env = { ...taskEnvironment(environmentInput(attempt, facts, rendered, workdir)) };
    const command = await findCommand(program, env.PATH ?? "");
    const args = [...program.args];
    if (program.script !== undefined) {
      const path = workdir.privatePath(program.script.name);
      await writeFile(path, program.script.text, { mode: 0o600 });
      args.push(path);
    }
    attempt.checkLease();
    const { tools } = attempt;
    const running = await startProgram({
      command,
      args,
      cwd: workdir.work,
      env,
      attemptToken: env.IDEM_ATTEMPT_TOKEN ?? "",
      log: attempt.log,
      pipes: tools.pipes,
      watchdog: tools.watchdog,
      startUntil: tools.lease.startUntil,
    });
    attempt.stopWith(running);
    const end = await running.ended;
    if (end.kind === "lost") {
      throw new TaskFailure({ kind: "lost", message: "The runner lost sight of the program." });
    }
    if (end.code !== 0) throw endFailure(end);
    return await readOutput(workdir.outputFile);
  } finally {
    // Not waited for: nobody needs the folder, and the next task need not wait for its end.
    workdir.remove().catch((error: unknown) => attempt.tools.onLeftover(workdir.work, error));
  }
}

/** Makes the private folder of an attempt, with the revision's files. */
export async function attemptWorkdir(attempt: Attempt): Promise<Workdir> {
  const { tools } = attempt;
  const { revisionId } = attempt.live.claim;
  const files = await attempt.persist(() => tools.revisionFiles(revisionId));
  return attempt.persist(() => tools.workdirs.make(files));
}

export function environmentInput(
  attempt: Attempt,
  run: RunFacts,
  { env, each }: Rendered,
  workdir: Workdir,
): Parameters<typeof taskEnvironment>[0] {
  const { tools, taskId: task } = attempt;
  const { dataDir, runnerToken } = tools;
  // Node.js keeps these in store; bytes made for each attempt would have to be asked for.
  const attemptToken = randomUUID();
  const { attempt: number } = attempt.live.claim;
  return {
    run,
    task,
    attempt: number,
    env,
    workdir,
    dataDir,
    runnerToken,
    attemptToken,
    ...(each === undefined ? {} : { each }),
  };
}

/** Looked up here and not by the shell, so that a program that is missing is told in plain words. */
async function findCommand({ command, missing }: Program, path: string): Promise<string> {
  if (isAbsolute(command)) return command;
  for (const folder of path.split(delimiter)) {
    const place = join(folder, command);
    const found = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return place;
  }
  throw new TaskFailure({ kind: "start", message: missing ?? `${command} was not found.` });
}

/**
 * Reads the output file.
 * @returns undefined when the task wrote none
 * @throws TaskFailure of kind `output`
 */
export async function readOutput(path: string): Promise<Json | undefined> {
  // Most tasks write none: asking comes cheaper than a failure to open.
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = await file.stat();
      if (!stat.isFile()) throw new AppError("INVALID_INPUT", "$IDEM_OUTPUT is not a file.");
      if (stat.size > MAX_OUTPUT_BYTES) throw tooLong();
      const text = await file.readFile("utf8");
      return text.trim() === "" ? undefined : parseOutput(text);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    const message = error instanceof Error ? error.message : String(error);
    throw new TaskFailure({ kind: "output", message });
  }
}

/** How a process of a task ended, as an error of its attempt. */
import type { AttemptError } from "../../core/run/attempt-view.ts";
import { TaskFailure } from "../../plugins/sdk.ts";

/** What a shell answers for a program of its that was ended by SIGKILL. */
const KILLED_CODE = 128 + 9;
const MEMORY = "The system does this when memory runs out.";

export interface ProcessEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** @param who named when it is not the task's own program: "The function's process" */
export function endFailure({ code, signal }: ProcessEnd, who?: string): TaskFailure {
  const sentence = (alone: string, named: string) =>
    who === undefined ? alone : `${who} ${named}`;
  if (code !== null) {
    const told = sentence(`Exit code ${code}.`, `ended with exit code ${code}.`);
    const message =
      code === KILLED_CODE ? `${told} A program was ended by SIGKILL. ${MEMORY}` : told;
    return new TaskFailure({ kind: "exit", message, exitCode: code });
  }
  const name = signal ?? "a signal";
  const told = sentence(`Ended by ${name}.`, `was ended by ${name}.`);
  const message = signal === "SIGKILL" ? `${told} ${MEMORY}` : told;
  return new TaskFailure({ kind: "signal", message, signal: name });
}

/** Whoever is killed cannot say why: what the log says before is not the reason. */
export function wasKilled({ signal, exitCode }: AttemptError): boolean {
  return signal === "SIGKILL" || exitCode === KILLED_CODE;
}

import { Command } from "commander";
import { readVersion } from "#server/version.ts";
import { addBackfillCommands } from "./commands/backfills.ts";
import { addBulkCommands } from "./commands/bulk.ts";
import { addFlowCommands } from "./commands/flow.ts";
import { addImportCommands } from "./commands/import.ts";
import { addNotifyCommands } from "./commands/notify.ts";
import { addQueueCommands } from "./commands/queue.ts";
import { addRerunCommand } from "./commands/rerun.ts";
import { addRunCommand } from "./commands/run.ts";
import { addRunnerCommands } from "./commands/runners.ts";
import { addRunsCommands } from "./commands/runs.ts";
import { addScheduleCommands } from "./commands/schedules.ts";
import type { Surroundings } from "./context.ts";
import { Failure } from "./failure.ts";
import { helpHint } from "./help.ts";

const ABOUT = `Same flow, same parameters, same tasks.

With --json a command prints one JSON value on standard output and nothing else.
Exit codes: 0 ok, 1 the run or the request failed, 2 wrong usage.
IDEM_URL is where Idem is (default: http://127.0.0.1:3000), IDEM_TOKEN what a
proxy in front of it wants to see.`;

/** In the order of the help. */
const nouns = [
  addFlowCommands,
  addRunCommand,
  addRerunCommand,
  addRunsCommands,
  addScheduleCommands,
  addBackfillCommands,
  addBulkCommands,
  addQueueCommands,
  addRunnerCommands,
  addNotifyCommands,
  addImportCommands,
];

/**
 * The commands of `idem`: each file of commands/ defines those of one noun and does their work.
 * @param surroundings where it reads and writes; a test hands in its own
 */
export function buildProgram(surroundings: Surroundings): Command {
  const program = new Command("idem")
    .description(ABOUT)
    .version(readVersion(), "--version", "print the version");
  program.configureOutput({
    writeOut: surroundings.streams.out,
    // Errors of usage are told once, by the caller, in the form that was asked for.
    writeErr: () => {},
  });
  for (const add of nouns) add(program, surroundings);
  tellUsage(program);
  return program;
}

/** Lets each command throw what was wrong with its use, together with where its help is. */
function tellUsage(command: Command): void {
  command.exitOverride((error) => {
    throw error.exitCode === 0 ? error : usageFailure(command, error.message);
  });
  for (const inner of command.commands) tellUsage(inner);
}

function usageFailure(command: Command, said: string): Failure {
  const message = said.replace(/^error: /, "");
  const text = message.startsWith("(") ? "a command is missing" : message.replace(/\.$/, "");
  const sentence = `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  return new Failure("USAGE", sentence, { fix: helpHint(command) });
}

import { Command } from "commander";
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
  const program = new Command("idem").description(ABOUT).showHelpAfterError("(see idem --help)");
  program.exitOverride().configureOutput({
    writeOut: surroundings.streams.out,
    // Errors of usage are told once, by the caller, in the form that was asked for.
    writeErr: () => {},
  });
  for (const add of nouns) add(program, surroundings);
  return program;
}

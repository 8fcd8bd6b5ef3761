import type { Command } from "commander";
import { type CommandContext, contextOf, type Surroundings } from "./context.ts";
import { Failure } from "./failure.ts";
import { helpHint } from "./help.ts";

/** Rows of one page at the most. */
export const MAX_PAGE = 200;
export const MAX_REVISION = 2_147_483_647;

/** Adds what every command has, and hands its work a context. */
export function leaf<Args extends unknown[]>(
  command: Command,
  surroundings: Surroundings,
  work: (context: CommandContext, ...args: Args) => Promise<void>,
): Command {
  return command
    .option("--json", "print one JSON value and nothing else")
    .action((...given: [...Args, Command]) => {
      const args = given.slice(0, -1) as Args;
      return work(contextOf(command, surroundings), ...args).catch((error: unknown) => {
        throw withHelp(error, command);
      });
    });
}

/** What a command finds wrong with its use without saying what to do instead: its help says so. */
function withHelp(error: unknown, command: Command): unknown {
  const isBare = error instanceof Failure && error.code === "USAGE" && !error.details.fix;
  return isBare ? new Failure("USAGE", error.message, { fix: helpHint(command) }) : error;
}

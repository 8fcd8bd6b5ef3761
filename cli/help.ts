import type { Command } from "commander";

const LINE = "─".repeat(80);

/** The help of a program and of all its commands in one text, as people read it on 80 columns. */
export function helpText(program: Command): string {
  return helpOf(program).join(`\n${LINE}\n`);
}

function helpOf(command: Command): string[] {
  command.configureHelp({ helpWidth: 80 });
  return [command.helpInformation(), ...command.commands.flatMap(helpOf)];
}

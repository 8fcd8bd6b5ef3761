import type { Command } from "commander";

const LINE = "─".repeat(80);

/** The help of a program and of all its commands in one text, as people read it on 80 columns. */
export function helpText(program: Command): string {
  return helpOf(program).join(`\n${LINE}\n`);
}

/** Where the help of a command is, as an advice. */
export function helpHint(command: Command): string {
  return `See ${nameOf(command)} --help.`;
}

const nameOf = (command: Command): string =>
  command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;

function helpOf(command: Command): string[] {
  command.configureHelp({ helpWidth: 80 });
  return [command.helpInformation(), ...command.commands.flatMap(helpOf)];
}

import type { Command } from "commander";
import { expect, it } from "vitest";
import { buildProgram } from "./program.ts";

const program = buildProgram({
  streams: { out: () => {}, err: () => {} },
  env: {},
  cwd: "/",
  exitWith: () => {},
});

/** The help of a command and of all below it, as people read it. */
function helpOf(command: Command): string[] {
  command.configureHelp({ helpWidth: 80 });
  return [command.helpInformation(), ...command.commands.flatMap(helpOf)];
}

function leavesOf(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}

it("says what each command does, takes and assumes", async () => {
  // Scripts rely on names, options and defaults: what changes them shows in this file.
  const text = helpOf(program).join(`\n${"─".repeat(80)}\n`);
  await expect(text).toMatchFileSnapshot("help.txt");
});

it("prints one JSON value for every command when asked to", () => {
  const without = leavesOf(program).filter(
    ({ options }) => !options.some(({ long }) => long === "--json"),
  );
  expect(without.map((command) => command.name())).toEqual([]);
});

import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { expect, it } from "vitest";
import { helpText } from "./help.ts";
import { buildProgram } from "./program.ts";

const program = buildProgram({
  streams: { out: () => {}, err: () => {} },
  env: {},
  cwd: "/",
  exitWith: () => {},
});

function leavesOf(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}

it("says what each command does, takes and assumes", () => {
  // Scripts rely on names, options and defaults: `npm run docs` shows what changes them in this file.
  expect(helpText(program)).toBe(readFileSync(new URL("help.txt", import.meta.url), "utf8"));
});

it("prints one JSON value for every command when asked to", () => {
  const without = leavesOf(program).filter(
    ({ options }) => !options.some(({ long }) => long === "--json"),
  );
  expect(without.map((command) => command.name())).toEqual([]);
});

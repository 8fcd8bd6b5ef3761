/**
 * Fills the generated tables of the README and the stored help of the command line:
 * `tsx scripts/readme.ts` writes them, `--check` fails when they are out of date.
 */
import { readFile, writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { helpText } from "#cli/help.ts";
import { buildProgram } from "#cli/program.ts";
import { taskTypes } from "#server/plugins/task-types.ts";

const file = new URL("../README.md", import.meta.url);
const helpFile = new URL("../cli/help.txt", import.meta.url);
const silent = { out: () => {}, err: () => {} };
const program = buildProgram({ streams: silent, env: {}, cwd: ".", exitWith: () => {} });

/** `idem runs show <run>` and so on: every command without commands of its own. */
function leaves(command: Command, path: string): { usage: string; description: string }[] {
  if (command.commands.length === 0) {
    const options = command.options
      .filter((option) => option.long !== "--json")
      .map((option) => `[${option.flags.replace(/^-\w, /, "")}]`);
    const args = command.registeredArguments.map((argument) => {
      const name = argument.variadic ? `${argument.name()}…` : argument.name();
      return argument.required ? `<${name}>` : `[${name}]`;
    });
    return [{ usage: [path, ...args, ...options].join(" "), description: command.description() }];
  }
  return command.commands.flatMap((child) => leaves(child, `${path} ${child.name()}`));
}

const escapeCell = (text: string) => text.replaceAll("|", "\\|");

function table(head: [string, string], rows: readonly (readonly [string, string])[]): string {
  const lines = rows.map(([a, b]) => `| ${escapeCell(a)} | ${escapeCell(b)} |`);
  return [`| ${head[0]} | ${head[1]} |`, "|---|---|", ...lines].join("\n");
}

function tables(): Record<string, string> {
  return {
    commands: table(
      ["command", "what it does"],
      leaves(program, "idem").map(({ usage, description }) => [`\`${usage}\``, description]),
    ),
    "task types": table(
      ["type", "what it does"],
      [...taskTypes.values()].map((type) => [`\`${type.type}\``, type.description]),
    ),
  };
}

/** The text with each `<!-- generated: name -->` section filled anew. */
function fill(text: string, sections: Record<string, string>): string {
  return Object.entries(sections).reduce((filled, [name, content]) => {
    const open = `<!-- generated: ${name} -->`;
    const start = filled.indexOf(open);
    const end = filled.indexOf("<!-- /generated -->", start);
    if (start < 0 || end < 0) throw new Error(`The README has no section "${name}".`);
    return `${filled.slice(0, start + open.length)}\n${content}\n${filled.slice(end)}`;
  }, text);
}

const before = await readFile(file, "utf8");
const helpBefore = await readFile(helpFile, "utf8");
const after = fill(before, tables());
const help = helpText(program);
if (!process.argv.includes("--check")) {
  await writeFile(file, after);
  await writeFile(helpFile, help);
} else if (before !== after || helpBefore !== help) {
  process.stderr.write(
    "The README's tables or the stored help are out of date. Run: npm run docs\n",
  );
  process.exit(1);
}

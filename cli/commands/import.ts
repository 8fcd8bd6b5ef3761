import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import type { Command } from "commander";
import type { CommandContext, Surroundings } from "../context.ts";
import { Failure } from "../failure.ts";
import { leaf } from "../leaf.ts";
import { positiveNumber } from "../options.ts";
import { describeStored, oneOrMany, type StoredFlow } from "../stored-flow.ts";

export function addImportCommands(program: Command, surroundings: Surroundings): void {
  const command = program.command("import").description("import recorded workflows");
  leaf(
    command
      .command("wfcommons")
      .description("import recorded workflows in WfFormat 1.5 as flows of waits")
      .argument("<file...>")
      .option("--scale <number>", "multiplies each task's recorded time", positiveNumber, 1),
    surroundings,
    importWfcommons,
  );
}

/** `idem import wfcommons <file…>`: each recorded task becomes a wait of its run time × scale. */
async function importWfcommons(
  { api, output, cwd }: CommandContext,
  files: readonly string[],
  { scale }: { scale: number },
): Promise<void> {
  const stored: StoredFlow[] = [];
  for (const file of files) {
    const text = await readFile(resolve(cwd, file), "utf8").catch((error: Error) => {
      throw new Failure("NOT_FOUND", `${file} cannot be read: ${error.message}.`);
    });
    stored.push(await api.flows.importWfcommons.mutate({ name: basename(file), text, scale }));
  }
  output.result(oneOrMany(stored), () => stored.map(describeStored).join("\n"));
}

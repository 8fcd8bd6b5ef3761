import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import type { CommandContext } from "../context.ts";
import { Failure } from "../failure.ts";
import { describeStored, oneOrMany, type StoredFlow } from "../stored-flow.ts";

/** `idem import wfcommons <file…>`: each recorded task becomes a wait of its run time × scale. */
export async function importWfcommons(
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

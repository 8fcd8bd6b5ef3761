#!/usr/bin/env node
/** The `idem` command: runs the bundle in dist/, which is made on first use. */
import { existsSync } from "node:fs";
import { chdir } from "node:process";
import { fileURLToPath } from "node:url";

const bundle = new URL("../dist/idem.js", import.meta.url);
if (!existsSync(bundle)) {
  const from = process.cwd();
  // The build works on the folder of the project, the command on that of the person.
  chdir(fileURLToPath(new URL("..", import.meta.url)));
  const { bundlePrograms, generateClient } = await import("../scripts/build/steps.mjs");
  const tell = (message) => process.stderr.write(`${message}\n`);
  await generateClient(tell);
  await bundlePrograms(tell);
  chdir(from);
}
await import(bundle.href);

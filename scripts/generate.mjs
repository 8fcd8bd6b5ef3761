/** `npm run generate`: the database client, when the schema has changed. */
import { chdir } from "node:process";
import { fileURLToPath } from "node:url";
import { generateClient } from "./build/steps.mjs";

chdir(fileURLToPath(new URL("..", import.meta.url)));
try {
  await generateClient(() => {});
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

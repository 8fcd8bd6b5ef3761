/** `npm run build`: builds what is stale. */
import { chdir } from "node:process";
import { fileURLToPath } from "node:url";
import { buildProduct } from "./build/product.mjs";

chdir(fileURLToPath(new URL("..", import.meta.url)));
try {
  await buildProduct((message) => process.stdout.write(`${message}\n`));
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

/** `npm start`: builds what is stale, then becomes the supervisor. */
import { chdir } from "node:process";
import { fileURLToPath } from "node:url";
import { buildProduct } from "./build/product.mjs";

chdir(fileURLToPath(new URL("..", import.meta.url)));
try {
  await buildProduct((message) => process.stdout.write(`${message}\n`));
} catch (error) {
  process.stderr.write(`Idem could not be built. ${error.message}\n`);
  process.exit(1);
}
process.env.NODE_ENV = "production";
await import("../dist/start.js");

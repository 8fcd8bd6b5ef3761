import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The absolute path of one of the product's own source files. The same module runs from its source,
 * from dist/ and from the built pages, so the product's folder is looked for upwards from here.
 * @throws Error when it is not there: the product is damaged
 */
export function productFile(path: string): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, path);
    if (existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) throw new Error(`The file ${path} of the product is missing.`);
  }
}

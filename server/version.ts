import { existsSync, readFileSync } from "node:fs";

/** The version of the product, or `unknown` for a bundle that stands elsewhere than in `dist/`. */
export function readVersion(): string {
  // One folder up from the sources as from the bundle.
  const path = new URL("../package.json", import.meta.url);
  if (!existsSync(path)) return "unknown";
  const file: unknown = JSON.parse(readFileSync(path, "utf8"));
  const version = typeof file === "object" && file !== null && "version" in file && file.version;
  return typeof version === "string" ? version : "unknown";
}

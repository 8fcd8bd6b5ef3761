/** Tells whether something built is older than what it was built from, by content and not by time. */
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

const STAMPS = "dist/.stamps";
const ignored =
  /\.(test|db\.test|engine\.test)\.tsx?$|^server\/(db\/generated|core\/flow\/corpus)\//;

function* filesBelow(path) {
  const entries = readdirSync(path, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) yield* filesBelow(child);
    else if (entry.isFile()) yield child;
  }
}

/** SHA-256 over names and contents of files and folders; those that do not exist count as absent. */
function hashInputs(paths) {
  const hash = createHash("sha256").update(process.version);
  const add = (file) => {
    if (ignored.test(file)) return;
    const bytes = readFileSync(file);
    hash.update(`\0${file}\0${bytes.length}\0`).update(bytes);
  };
  for (const path of paths) {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isFile()) add(path);
    else if (found) for (const file of filesBelow(path)) add(file);
  }
  return hash.digest("hex");
}

/**
 * Runs `make` unless its inputs are those of the last time and all its outputs exist.
 * A killed or failed `make` leaves no stamp, so that the next call makes it again.
 * @returns true when something was made
 */
export async function makeIfStale({ name, inputs, outputs, tell, make }) {
  const stamp = join(STAMPS, name.replaceAll(" ", "-"));
  const hash = hashInputs(inputs);
  const known = existsSync(stamp) ? readFileSync(stamp, "utf8") : "";
  if (known === hash && outputs.every(existsSync)) return false;
  rmSync(stamp, { force: true });
  tell(`Building the ${name}`);
  await make();
  mkdirSync(STAMPS, { recursive: true });
  writeFileSync(stamp, hash);
  return true;
}

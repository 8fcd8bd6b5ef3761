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
import { withBuildLock } from "./lock.mjs";

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
 * Writes nothing when nothing is stale: whoever starts the product may not own its folder.
 */
export async function makeIfStale(step) {
  if (isFresh(step, hashInputs(step.inputs))) return;
  await withBuildLock(async () => {
    // Whoever held the lock before may have made it.
    const hash = hashInputs(step.inputs);
    if (isFresh(step, hash)) return;
    const stamp = stampOf(step);
    rmSync(stamp, { force: true });
    step.tell(`Building the ${step.name}`);
    await step.make();
    mkdirSync(STAMPS, { recursive: true });
    writeFileSync(stamp, hash);
  });
}

function stampOf({ name }) {
  return join(STAMPS, name.replaceAll(" ", "-"));
}

function isFresh(step, hash) {
  const stamp = stampOf(step);
  const known = existsSync(stamp) ? readFileSync(stamp, "utf8") : "";
  return known === hash && step.outputs.every(existsSync);
}

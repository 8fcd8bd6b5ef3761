/**
 * A copy of the project in which the benchmark builds and starts the product, so that it measures
 * what production runs and disturbs nothing that is built in the project itself.
 */
import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { copyFile, cp, link, mkdir, readdir, readlink, rm, symlink } from "node:fs/promises";
import { basename, join, relative } from "node:path";

/** Built, installed or written by hand of the product: everything that is not source. */
const LEFT_OUT = new Set([
  ".git",
  ".idem",
  ".next",
  "dist",
  "node_modules",
  "playwright-report",
  "server/db/generated",
  "test-results",
]);

/** What `npm start` builds; without it a start is cold. */
const BUILT = [".next", "dist", "server/db/generated"];

export interface Tree {
  path: string;
  /** Builds the database client and the programs, as `npm start` does. @returns their folder */
  bundle(): Promise<string>;
  /** Builds everything that is stale: client, programs and pages. */
  build(): Promise<void>;
  /** Removes everything built, as after `npm ci`. */
  unbuild(): Promise<void>;
}

/** Copies the project to `target`, which is emptied first. Packages are hard-linked. */
export async function copyTree(project: string, target: string): Promise<Tree> {
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  await cp(project, target, {
    recursive: true,
    filter: (from) => !LEFT_OUT.has(relative(project, from)),
  });
  // A repository of its own: ignore rules of the one around it would hide all sources from the
  // search for class names.
  await mkdir(join(target, ".git"));
  await linkTree(join(project, "node_modules"), join(target, "node_modules"));
  return {
    path: target,
    async bundle() {
      await run(target, [
        "--input-type=module",
        "-e",
        `import { bundlePrograms, generateClient } from "./scripts/build/steps.mjs";
         await generateClient(() => {}); await bundlePrograms(() => {});`,
      ]);
      return join(target, "dist");
    },
    build: () => run(target, ["scripts/build.mjs"]),
    async unbuild() {
      for (const path of BUILT) await rm(join(target, path), { recursive: true, force: true });
    },
  };
}

async function linkTree(from: string, to: string): Promise<void> {
  await mkdir(to);
  const entries = await readdir(from, { withFileTypes: true });
  for (const entry of entries) {
    const [source, copy] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await linkTree(source, copy);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), copy);
    else await linkFile(source, copy);
  }
}

async function linkFile(source: string, copy: string): Promise<void> {
  try {
    await link(source, copy);
  } catch (error) {
    // Another file system, or one without hard links.
    if (!(error instanceof Error) || !("code" in error) || error.code === "EEXIST") throw error;
    await copyFile(source, copy, constants.COPYFILE_FICLONE);
  }
}

function run(cwd: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args], { cwd, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (data) => {
        output += data;
      });
    }
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`Building in ${basename(cwd)} failed:\n${output.slice(-4_000)}`));
    });
  });
}

/**
 * A copy of the project in which the benchmark builds and starts the product, so that it measures
 * what production runs and disturbs nothing that is built in the project itself.
 */
import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { copyFile, link, mkdir, readdir, readlink, rm, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Built, installed or left by the product or its tests: everything that is not source. */
const LEFT_OUT = [
  ".git",
  ".idem",
  ".next",
  "dist",
  "node_modules",
  "playwright-report",
  "server/db/generated",
  "test-results",
];

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
  await mkdir(dirname(target), { recursive: true });
  const leftOut = new Set(LEFT_OUT.map((path) => join(project, path)));
  await copyFolder(project, target, copyFile, leftOut);
  // A repository of its own: ignore rules of the one around it would hide all sources from the
  // search for class names.
  await mkdir(join(target, ".git"));
  await copyFolder(join(project, "node_modules"), join(target, "node_modules"), linkFile);
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

async function copyFolder(
  from: string,
  to: string,
  put: (source: string, copy: string) => Promise<void>,
  leftOut: ReadonlySet<string> = new Set(),
): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, copy] = [join(from, entry.name), join(to, entry.name)];
    if (leftOut.has(source)) continue;
    if (entry.isDirectory()) await copyFolder(source, copy, put, leftOut);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), copy);
    else if (entry.isFile()) await put(source, copy);
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

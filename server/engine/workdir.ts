/** The private folder of one attempt: working directory, temporary files, output file. */
import { randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { AppError } from "../core/errors.ts";
import type { RevisionFileRow } from "../db/blobs.ts";
import type { BlobCache } from "./blob-cache.ts";

export interface Workdir {
  /** Working directory and home of the task, with the revision's files. */
  work: string;
  /** For temporary files. */
  temporary: string;
  /** Where the task may leave its output. Does not exist at first. */
  outputFile: string;
  /** Beside the working directory, for what the task should not see there. */
  privatePath(name: string): string;
  /** Removes everything. */
  remove(): Promise<void>;
}

/**
 * Makes the folder and puts the revision's files into it. They are copies: what a task does to them
 * stays its own affair.
 * @param parent folder of this runner
 * @throws AppError when a stored path would leave the folder, or a file's content is missing
 */
export async function makeWorkdir(
  parent: string,
  name: string,
  files: readonly RevisionFileRow[],
  blobs: BlobCache,
): Promise<Workdir> {
  const root = join(parent, `${name}-${randomBytes(4).toString("hex")}`);
  const work = join(root, "work");
  const temporary = join(root, "tmp");
  await mkdir(work, { recursive: true });
  await mkdir(temporary);
  for (const file of files) {
    const target = placeInside(work, file.path);
    const bytes = await blobs.read(file.sha256);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, bytes, { mode: file.executable ? 0o755 : 0o644 });
  }
  return {
    work,
    temporary,
    outputFile: join(root, "output.json"),
    privatePath: (file) => join(root, file),
    remove: () => rm(root, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/** Paths come from the database; one that leads outside is refused wherever it came from. */
function placeInside(folder: string, path: string): string {
  const target = join(folder, path);
  const inside = relative(folder, target);
  if (inside === "" || inside.startsWith(`..${sep}`) || inside === ".." || path.includes("\0")) {
    throw new AppError("FILE_OUTSIDE", `The file "${path}" would lie outside the working folder.`);
  }
  return target;
}

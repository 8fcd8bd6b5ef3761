/** The private folder of one attempt: working directory, temporary files, output file. */
import { randomBytes } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { mkdir, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { AppError } from "../../core/errors.ts";
import type { RevisionFileRow } from "../../db/flow/blobs.ts";
import type { BlobCache } from "./blob-cache.ts";

/** As a process with the usual umask makes folders. */
const MODE = 0o755;

export interface Workdir {
  /** Working directory and home of the task, with the revision's files. */
  work: string;
  /** For temporary files. */
  temporary: string;
  /** Where the task may leave its output. Does not exist at first. */
  outputFile: string;
  /** Beside the working directory, for what the task should not see there. */
  privatePath(name: string): string;
  /** Whether it is as it was when it was made for a revision without files. */
  isUntouched(): boolean;
  /** Removes everything. */
  remove(): Promise<void>;
}

/** Makes the private folders of attempts. One lies ready, so that an attempt need not wait for it. */
export class Workdirs {
  readonly #parent: string;
  readonly #blobs: Pick<BlobCache, "read">;
  #spare: Promise<string> | null = null;

  /** @param parent folder of this runner */
  constructor(parent: string, blobs: Pick<BlobCache, "read">) {
    this.#parent = parent;
    this.#blobs = blobs;
  }

  /**
   * A folder with the revision's files in it. They are copies: what a task does to them stays its
   * own affair.
   * @throws AppError when a stored path would leave the folder, or a file's content is missing; the
   *   system's error when the folder cannot be made
   */
  async make(files: readonly RevisionFileRow[]): Promise<Workdir> {
    const root = await this.#take();
    const work = join(root, "work");
    const temporary = join(root, "tmp");
    try {
      for (const file of files) {
        const target = placeInside(work, file.path);
        const bytes = await this.#blobs.read(file.sha256);
        await mkdir(dirname(target), { recursive: true });
        await writeFile(target, bytes, { mode: file.executable ? 0o755 : 0o644 });
      }
    } catch (error) {
      // Whoever tries again gets another folder; half of one would only take room.
      await rm(root, { recursive: true, force: true });
      throw error;
    }
    return {
      work,
      temporary,
      outputFile: join(root, "output.json"),
      privatePath: (file) => join(root, file),
      isUntouched: () => isUntouched(root),
      remove: () => remove(root, [temporary, work]),
    };
  }

  async #take(): Promise<string> {
    const ready = this.#spare ?? this.#makeFolder();
    this.#spare = null;
    const root = await ready;
    if (this.#spare === null) this.#prepare();
    return root;
  }

  #prepare(): void {
    const spare = this.#makeFolder();
    this.#spare = spare;
    // Who needs a folder next makes one then, and is told why that fails.
    spare.catch(() => {
      if (this.#spare === spare) this.#spare = null;
    });
  }

  async #makeFolder(): Promise<string> {
    const root = join(this.#parent, randomBytes(8).toString("hex"));
    await mkdir(join(root, "work"), { recursive: true, mode: MODE });
    await mkdir(join(root, "tmp"), { mode: MODE });
    return root;
  }
}

function isUntouched(root: string): boolean {
  try {
    return (
      readdirSync(root).length === 2 &&
      ["work", "tmp"].every((name) => {
        const path = join(root, name);
        return (statSync(path).mode & 0o777) === MODE && readdirSync(path).length === 0;
      })
    );
  } catch {
    // Something is gone, or can no longer be read: not as it was.
    return false;
  }
}

/** Most tasks leave nothing behind: removing empty folders costs less than looking into them. */
async function remove(root: string, folders: readonly string[]): Promise<void> {
  try {
    for (const folder of [...folders, root]) await rmdir(folder);
  } catch {
    // Something is left in it, or it is gone already.
    await rm(root, { recursive: true, force: true, maxRetries: 3 });
  }
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

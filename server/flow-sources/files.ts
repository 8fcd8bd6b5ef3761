import { constants, type Dirent, realpathSync } from "node:fs";
import { open, readdir, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import type { FileContent, FileMatches } from "#server/core/flow/compile.ts";
import { globEnters, globFault, globMatches } from "./glob.ts";

export const MAX_FILES = 1_000;
/** Of all files of one flow together. */
export const MAX_FILE_BYTES = 20 * 1024 * 1024;
/** Entries of folders that are looked at in search of matches. */
const MAX_VISITED = 50_000;

/**
 * Reads what patterns match below a folder. Links to files are followed within the
 * folder only, links to folders not at all: they could lead in circles.
 * @param except path of the definition itself, which no pattern matches
 */
export async function matchFiles(
  folder: string,
  patterns: readonly string[],
  except: string,
): Promise<Map<string, FileMatches>> {
  const root = realpathSync(folder);
  const matches = new Map<string, FileMatches>();
  const budget = { files: MAX_FILES, bytes: MAX_FILE_BYTES };
  const read = new Map<string, FileContent>();
  for (const pattern of new Set(patterns)) {
    const fault = globFault(pattern);
    matches.set(
      pattern,
      fault === null
        ? await matchOne(root, pattern, except, budget, read)
        : { ok: false, ...fault },
    );
  }
  return matches;
}

async function matchOne(
  root: string,
  pattern: string,
  except: string,
  budget: { files: number; bytes: number },
  read: Map<string, FileContent>,
): Promise<FileMatches> {
  const walk = await findPaths(root, pattern);
  if (walk === null) {
    return tooLarge(
      `"${pattern}" means looking through more than ${MAX_VISITED} files and folders.`,
    );
  }
  const files: FileContent[] = [];
  for (const path of walk) {
    if (path === except) continue;
    const known = read.get(path);
    const file = known ?? (await readFile(root, path, budget));
    if ("ok" in file) return file;
    read.set(path, file);
    files.push(file);
  }
  if (files.length > 0) return { ok: true, files };
  return {
    ok: false,
    code: "FILE_NOT_FOUND",
    message: `No file matches "${pattern}".`,
    fix: "Create the file beside the definition, or correct the path.",
  };
}

function tooLarge(message: string): Extract<FileMatches, { ok: false }> {
  return {
    ok: false,
    code: "TOO_LARGE",
    message,
    fix: "Name only what the tasks need; keep large data under $IDEM_DATA.",
  };
}

/** Paths of files below the root that match, sorted; null when there is too much to look at. */
async function findPaths(root: string, pattern: string): Promise<string[] | null> {
  const found: string[] = [];
  let visited = 0;
  const folders = [""];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await listFolder(join(root, folder))) {
      visited += 1;
      if (visited > MAX_VISITED) return null;
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (entry.name !== "node_modules" && globEnters(pattern, path)) folders.push(path);
      } else if (globMatches(pattern, path)) {
        found.push(path);
      }
    }
  }
  return found.sort();
}

async function listFolder(path: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

function isBelow(root: string, path: string): boolean {
  return path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);
}

async function readFile(
  root: string,
  path: string,
  budget: { files: number; bytes: number },
): Promise<FileContent | Extract<FileMatches, { ok: false }>> {
  let handle: Awaited<ReturnType<typeof open>> | undefined;
  try {
    const target = await realpath(join(root, path));
    if (!isBelow(root, target)) {
      return {
        ok: false,
        code: "FILE_OUTSIDE",
        message: `"${path}" is a link that leads out of the definition's folder.`,
        fix: "Copy the file here instead.",
      };
    }
    // Without O_NONBLOCK a named pipe would be waited for.
    handle = await open(target, constants.O_RDONLY | constants.O_NONBLOCK);
    const facts = await handle.stat();
    if (!facts.isFile()) {
      return {
        ok: false,
        code: "FILE_NOT_FOUND",
        message: `"${path}" is not a file.`,
        fix: "Name files, or the files in a folder by folder/*.",
      };
    }
    budget.files -= 1;
    if (budget.files < 0) return tooLarge(`The flow names more than ${MAX_FILES} files.`);
    const bytes = facts.size > budget.bytes ? null : await handle.readFile();
    budget.bytes -= bytes?.byteLength ?? facts.size;
    if (bytes === null || budget.bytes < 0) {
      return tooLarge(`The files of the flow are larger than ${MAX_FILE_BYTES >> 20} MB together.`);
    }
    return { path, bytes, executable: (facts.mode & 0o111) !== 0 };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    return {
      ok: false,
      code: "FILE_NOT_FOUND",
      message: `"${path}" cannot be read (${code}).`,
      fix: "Put the file there and let the user who runs Idem read it.",
    };
  } finally {
    await handle?.close();
  }
}

function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ENOTDIR" || code === "EACCES";
}

import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { LocatedDocument } from "#server/core/flow/read/located.ts";
import { nameBelow } from "./bundle.ts";
import { formatOf, type LoadedDefinition, loadDefinition } from "./load.ts";

/** Files and folders that one look goes through; more of them is no folder of flows. */
const MAX_ENTRIES = 50_000;

/** Editors write a file in several steps, and copies take their time. */
const SETTLE_MS = 100;
const MAX_SETTLE_TRIES = 20;

/** What one look at a folder of definitions found. */
export interface FolderLook {
  /** Definitions by their path below the folder, with `/`, in the order of the paths. */
  definitions: ReadonlyMap<string, LoadedDefinition>;
  /** False when nothing is different from the look before. */
  changed: boolean;
}

/** Facts of a file that change with its content. */
type Signature = string;

interface Known {
  loaded: LoadedDefinition;
  /** What the definition was made of when it was loaded. */
  signature: Signature;
}

/**
 * A folder of flow definitions, looked at again and again. A definition is loaded anew only when
 * something that went into it changed, so that a look at an unchanged folder costs no more than
 * listing it.
 *
 * Every `.yaml`, `.yml`, `.xml` and `.flow.ts` file counts, in folders of any depth, but those in
 * `node_modules` and in folders whose name begins with a dot. See `isMeantAsFlow` for data files.
 */
export class FlowFolder {
  readonly #root: string;
  readonly #nameOf: (path: string) => string;
  #known = new Map<string, Known>();
  #listing: string | null = null;

  /** @param root absolute path */
  constructor(root: string) {
    this.#root = root;
    this.#nameOf = nameBelow(root);
  }

  /** @throws Error (of the file system) when the folder itself cannot be read or is too large */
  async look(): Promise<FolderLook> {
    const files = await this.#settledFiles();
    const known = new Map<string, Known>();
    let changed = false;
    for (const path of [...files.keys()].sort()) {
      const format = formatOf(path);
      if (format === null) continue;
      const before = this.#known.get(path);
      const signature = before && (await this.#signature(path, before.loaded, files));
      if (before !== undefined && signature === before.signature) {
        known.set(path, before);
        continue;
      }
      changed = true;
      const loaded = await loadDefinition(join(this.#root, path), format, this.#nameOf);
      known.set(path, { loaded, signature: await this.#signature(path, loaded, files) });
    }
    for (const path of this.#known.keys()) changed ||= !known.has(path);
    this.#known = known;
    const definitions = new Map([...known].map(([path, { loaded }]) => [path, loaded]));
    return { definitions, changed };
  }

  /** The files, once nobody is in the middle of writing any: two listings in a row agree. */
  async #settledFiles(): Promise<Map<string, Signature>> {
    for (let tries = 0; ; tries += 1) {
      const files = await listFiles(this.#root);
      const listing = [...files].join("\n");
      const settled = this.#listing === null || this.#listing === listing;
      this.#listing = listing;
      if (settled || tries === MAX_SETTLE_TRIES) return files;
      await sleep(SETTLE_MS);
    }
  }

  async #signature(
    path: string,
    loaded: LoadedDefinition,
    files: ReadonlyMap<string, Signature>,
  ): Promise<Signature> {
    const parts = [files.get(path) ?? ""];
    for (const module of loaded.modules) {
      const own = files.get(relative(this.#root, module).split(sep).join("/"));
      parts.push(own ?? (await signatureOf(module)));
    }
    // Patterns may come to match other files, and what is missing may turn up: anything beside the
    // definition counts then.
    if (loaded.files.size > 0 || !loaded.result.ok) {
      const folder = path.slice(0, path.lastIndexOf("/") + 1);
      for (const [file, signature] of files) {
        if (file.startsWith(folder)) parts.push(file, signature);
      }
    }
    return parts.join("\n");
  }
}

/**
 * Whether a file is meant to be a flow. Data in YAML and XML may lie beside flows: a file that can be
 * read but has neither an `id` nor `tasks`, or whose outermost element is not `<flow>`, is none.
 * A name that ends in `.flow.yaml`, `.flow.yml`, `.flow.xml` or `.flow.ts` always is.
 */
export function isMeantAsFlow(
  path: string,
  { format, document }: Pick<LoadedDefinition, "format" | "document">,
): boolean {
  if (/\.flow\.[a-z]+$/i.test(path) || format === "typescript" || document === null) return true;
  return format === "xml" ? isFlowElement(document) : hasFlowKeys(document);
}

function hasFlowKeys({ root, problems }: LocatedDocument): boolean {
  if (root === null) return problems.length > 0;
  return root.kind === "map" && (root.entries.has("id") || root.entries.has("tasks"));
}

/** Text that is no XML at all is reported, since it may well have been a flow. */
function isFlowElement({ root, text }: LocatedDocument): boolean {
  if (root !== null) return true;
  const [, name] = /<([A-Za-z_][^\s/>]*)/.exec(text) ?? [];
  return name === undefined || name === "flow";
}

async function listFiles(root: string): Promise<Map<string, Signature>> {
  const files = new Map<string, Signature>();
  let seen = 0;
  const folders = [""];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await list(join(root, folder), folder === "")) {
      seen += 1;
      if (seen > MAX_ENTRIES) {
        throw new Error(`The folder ${root} holds more than ${MAX_ENTRIES} files.`);
      }
      const path = folder + entry.name;
      if (entry.isDirectory()) {
        if (entry.name !== "node_modules" && !entry.name.startsWith(".")) folders.push(`${path}/`);
      } else {
        files.set(path, await signatureOf(join(root, path)));
      }
    }
  }
  return files;
}

async function list(folder: string, isRoot: boolean): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    // A folder may go between two looks at it; the root must be there.
    if (!isRoot && (error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

async function signatureOf(path: string): Promise<Signature> {
  try {
    const { mtimeNs, ctimeNs, size, ino, mode } = await stat(path, { bigint: true });
    return [mtimeNs, ctimeNs, size, ino, mode].join(" ");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

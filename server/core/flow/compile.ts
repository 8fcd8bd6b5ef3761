import type { DefinitionCode, Problem } from "../errors.ts";
import { CALL_CYCLE_FIX, callCycleMessage, calledFlow } from "./calls.ts";
import { canonicalJson, sha256Hex } from "./canonical.ts";
import { checkReferences } from "./check-references.ts";
import { inspectDocument } from "./inspect.ts";
import type { LocatedDocument } from "./read/located.ts";
import { ProblemList } from "./read/problem-list.ts";
import { type ReadFlow, readFlow } from "./read/read-flow.ts";
import { Reader } from "./read/reader.ts";
import { quote } from "./read/suggest.ts";
import {
  type Blob,
  type CompiledFlow,
  type FlowCall,
  type FlowGraph,
  type FlowSpec,
  SPEC_VERSION,
  type SpecFile,
  type TaskSpec,
} from "./spec.ts";
import type { TaskTypes } from "./task-type.ts";

/** A file that a pattern under `files` matched. `path` is relative to the definition, with `/`. */
export interface FileContent {
  path: string;
  bytes: Uint8Array;
  executable: boolean;
}

/** What looking for the files of one pattern gave. */
export type FileMatches =
  | { ok: true; files: readonly FileContent[] }
  | { ok: false; code: DefinitionCode; message: string; fix: string };

export interface CompileOptions {
  types: TaskTypes;
  /** By pattern, as listed by `filePatterns`. A pattern that is absent counts as not found. */
  files?: ReadonlyMap<string, FileMatches>;
  /** The bundled code of a TypeScript flow. */
  bundle?: Uint8Array;
}

export type CompileResult =
  | { ok: true; flow: CompiledFlow }
  /** Sorted by position, at most MAX_PROBLEMS. */
  | { ok: false; problems: Problem[] };

/** After these a document lacks parts, and whatever refers to them would be reported as well. */
const incompleteCodes: ReadonlySet<DefinitionCode> = new Set(["ALIAS_LIMIT", "TOO_DEEP"]);

/** The patterns under `files`, for whoever reads them from disk before compiling. */
export function filePatterns(document: LocatedDocument): string[] {
  if (document.root?.kind !== "map") return [];
  const node = document.root.entries.get("files")?.value;
  if (node === undefined) return [];
  const items = new Reader(document, new ProblemList()).list("files", node) ?? [];
  return items.flatMap((item) =>
    item.kind === "scalar" && typeof item.value === "string" ? item.value : [],
  );
}

/**
 * Compiles a definition to its canonical spec, or tells everything that is wrong with it. Pure: the
 * same document, files and bundle always give the same hash, whatever the format was.
 */
export function compileDocument(document: LocatedDocument, options: CompileOptions): CompileResult {
  const problems = new ProblemList();
  for (const { code, position, message, fix } of document.problems) {
    problems.add(code, position, message, fix);
  }
  problems.closePlaces();
  const isIncomplete = document.problems.some(({ code }) => incompleteCodes.has(code));
  if (document.root === null || isIncomplete) return { ok: false, problems: problems.sorted() };
  const reader = new Reader(document, problems);
  const flow = readFlow(reader, document.root, options.types);
  if (flow === null) return { ok: false, problems: problems.sorted() };
  inspectDocument(reader, document.root);
  const graph = checkReferences(reader, flow);
  refuseSelfCalls(reader, flow);
  const { files, blobs } = collectFiles(reader, flow, options.files ?? new Map());
  if (!problems.isEmpty || graph === null || flow.id === null) {
    return { ok: false, problems: problems.sorted() };
  }
  const bundle = options.bundle === undefined ? null : blobOf(options.bundle);
  if (bundle !== null) blobs.set(bundle.sha256, bundle);
  const spec = specOf(flow, flow.id, graph, files, bundle);
  const canonical = canonicalJson(spec);
  return {
    ok: true,
    flow: {
      spec,
      canonical,
      hash: sha256Hex(canonical),
      source: { format: document.format, path: document.file, text: document.text },
      blobs: [...blobs.values()],
      graph,
      calls: callsOf(document, flow, spec),
    },
  };
}

/** A flow that runs itself would never end. Longer cycles are known to the store only. */
function refuseSelfCalls(reader: Reader, flow: ReadFlow): void {
  if (flow.id === null) return;
  for (const task of flow.tasks.values()) {
    if (task === null || task.spec === null || calledFlow(task.spec) !== flow.id) continue;
    const { value, at } = task.entry;
    const named = value.kind === "map" ? value.entries.get("flow")?.value.at : undefined;
    reader.report("CYCLE", named ?? at, callCycleMessage([flow.id]), CALL_CYCLE_FIX);
  }
}

/** Where tasks name the flows that they run. */
function callsOf(document: LocatedDocument, flow: ReadFlow, spec: FlowSpec): FlowCall[] {
  return Object.entries(spec.tasks).flatMap(([task, own]): FlowCall[] => {
    const called = calledFlow(own);
    if (called === null) return [];
    const { value, at } = flow.tasks.get(task)?.entry ?? { value: null, at: 0 };
    const named = value?.kind === "map" ? value.entries.get("flow")?.value.at : undefined;
    return [{ task, flow: called, position: document.locate(named ?? at) }];
  });
}

function collectFiles(
  reader: Reader,
  flow: ReadFlow,
  found: ReadonlyMap<string, FileMatches>,
): { files: SpecFile[]; blobs: Map<string, Blob> } {
  const files = new Map<string, SpecFile>();
  const blobs = new Map<string, Blob>();
  for (const node of flow.files) {
    const pattern = String(node.value);
    const matches = found.get(pattern);
    if (matches === undefined || (matches.ok && matches.files.length === 0)) {
      reader.report(
        "FILE_NOT_FOUND",
        node.at,
        `No file matches ${quote(pattern)}.`,
        "Correct the pattern; it is relative to the folder of the definition.",
      );
    } else if (!matches.ok) {
      reader.report(matches.code, node.at, matches.message, matches.fix);
    } else {
      for (const { path, bytes, executable } of matches.files) {
        const blob = blobOf(bytes);
        blobs.set(blob.sha256, blob);
        files.set(path, { path, sha256: blob.sha256, bytes: bytes.byteLength, executable });
      }
    }
  }
  const sorted = [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files: sorted, blobs };
}

function blobOf(bytes: Uint8Array): Blob {
  return { sha256: sha256Hex(bytes), bytes };
}

function specOf(
  flow: ReadFlow,
  id: string,
  graph: FlowGraph,
  files: SpecFile[],
  bundle: Blob | null,
): FlowSpec {
  const tasks = graph.taskIds.flatMap((task): [string, TaskSpec][] => {
    const own = flow.tasks.get(task)?.spec;
    return own === undefined || own === null ? [] : [[task, own]];
  });
  return {
    specVersion: SPEC_VERSION,
    id,
    ...(flow.name === undefined ? {} : { name: flow.name }),
    ...(flow.description === undefined ? {} : { description: flow.description }),
    tags: flow.tags,
    ...(flow.owner === undefined ? {} : { owner: flow.owner }),
    params: flow.params,
    schedules: flow.schedules,
    ...(flow.concurrency === undefined ? {} : { concurrency: flow.concurrency }),
    ...(flow.priority === undefined ? {} : { priority: flow.priority }),
    notify: flow.notify,
    files,
    ...(bundle === null ? {} : { bundle: bundle.sha256 }),
    tasks: Object.fromEntries(tasks),
  };
}

import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Pool, PoolClient } from "pg";
import { system } from "#server/auth/actor.ts";
import { AppError, type Position, type Problem } from "#server/core/errors.ts";
import { canonicalJson, sha256Hex } from "#server/core/flow/canonical.ts";
import type { CompileResult } from "#server/core/flow/compile.ts";
import { isLocked } from "#server/db/failures.ts";
import {
  archiveFlowsOf,
  deleteSources,
  findSource,
  listSources,
  lockSources,
  type SourceRow,
  type SourceState,
  saveSource,
} from "#server/db/flow/flows.ts";
import { inTransaction } from "#server/db/transaction.ts";
import { FlowFolder, isMeantAsFlow } from "#server/flow-sources/folder.ts";
import type { LoadedDefinition } from "#server/flow-sources/load.ts";
import { lateClaims } from "./claims.ts";
import { storeFlow } from "./store.ts";

/** What one look at the flows folder changed. */
export interface SyncReport {
  /** Ids of flows that got a revision, new or known before, or came back from the archive. */
  stored: string[];
  /** Ids of flows whose file is gone. */
  archived: string[];
  /** Paths of files with problems that were not there before. */
  broken: string[];
}

interface SyncDeps {
  pool: Pool;
}

export interface WatchOptions {
  /** Between two looks, in milliseconds. */
  intervalMs?: number;
  signal: AbortSignal;
  /** Told after the first look, and after each look that found something to do. */
  onChange: (report: SyncReport) => void;
  /** Told when a look fails, once per kind of failure; the watch goes on. */
  onError: (error: unknown) => void;
}

/**
 * Looks once at all definitions below a folder and brings the flows in step with them: a new or
 * changed file gives a revision, a file that is gone archives its flow, a broken file keeps the last
 * good revision and leaves its problems. Each file is one transaction, so whatever stops this in
 * between leaves every flow whole. Safe to race: processes write one after the other.
 * @param folder absolute path
 * @throws Error when the folder cannot be read; that is kept as a problem as well, and no flow is
 *         archived, since a folder that is not mounted looks like an empty one; the driver's error when
 *         another session had locked a flow, after all others have been written
 */
export async function syncFlows(deps: SyncDeps, folder: string): Promise<SyncReport> {
  return (await new FlowSync(deps.pool, folder).look()) ?? emptyReport();
}

/** Looks at a folder again and again, until the signal aborts. Never rejects. */
export async function watchFlows(
  deps: SyncDeps,
  folder: string,
  { intervalMs = 1_000, signal, onChange, onError }: WatchOptions,
): Promise<void> {
  const sync = new FlowSync(deps.pool, folder);
  let lastFailure: string | null = null;
  while (!signal.aborted) {
    try {
      const report = await sync.look();
      lastFailure = null;
      if (report !== null) onChange(report);
    } catch (error) {
      const failure = String(error);
      if (failure !== lastFailure) onError(error);
      lastFailure = failure;
    }
    await sleep(intervalMs, undefined, { signal }).catch(() => {});
  }
}

function emptyReport(): SyncReport {
  return { stored: [], archived: [], broken: [] };
}

class FlowSync {
  readonly #pool: Pool;
  readonly #path: string;
  readonly #folder: FlowFolder;
  /** True while something that was found has not been written down. */
  #pending = true;
  /** Why the last flow that could not be written was not: another session had locked it. */
  #locked: unknown = null;

  constructor(pool: Pool, path: string) {
    this.#pool = pool;
    this.#path = path;
    this.#folder = new FlowFolder(path);
  }

  /** @returns null when there was nothing to do */
  async look(): Promise<SyncReport | null> {
    let definitions: ReadonlyMap<string, LoadedDefinition>;
    try {
      const look = await this.#folder.look();
      if (!look.changed && !this.#pending) return null;
      ({ definitions } = look);
    } catch (error) {
      this.#pending = true;
      await this.#writeUnreadable(error);
      throw error;
    }
    this.#pending = true;
    this.#locked = null;
    const report = await this.#write(definitions);
    if (this.#locked !== null) throw this.#locked;
    this.#pending = false;
    return report;
  }

  async #write(definitions: ReadonlyMap<string, LoadedDefinition>): Promise<SyncReport> {
    const rows = new Map((await listSources(this.#pool)).map((row) => [row.path, row]));
    const flows = [...definitions].filter(
      ([path, loaded]) => isMeantAsFlow(path, loaded) || (rows.get(path)?.flowId ?? null) !== null,
    );
    const late = lateClaims(flows.map(([path, loaded]) => claimOf(path, loaded, rows.get(path))));
    const report = emptyReport();
    const refused: [string, LoadedDefinition][] = [];
    for (const [path, loaded] of flows) {
      const holder = late.get(path);
      const result = holder === undefined ? loaded.result : duplicate(path, loaded, holder);
      if (!(await this.#writeOne(path, loaded, result, report))) refused.push([path, loaded]);
    }
    // What stood against them may have changed with the others.
    for (const [path, loaded] of refused) await this.#writeOne(path, loaded, loaded.result, report);
    const present = new Set(flows.map(([path]) => path));
    for (const path of rows.keys()) {
      if (!present.has(path)) await this.#remove(path, report);
    }
    return report;
  }

  /** @returns false when a sound definition was refused because of other flows */
  async #writeOne(
    path: string,
    loaded: LoadedDefinition,
    result: CompileResult,
    report: SyncReport,
  ): Promise<boolean> {
    const contentHash = contentHashOf(loaded.text, result);
    try {
      add(report, await this.#inTurn((client) => record(client, path, contentHash, result)));
      return true;
    } catch (error) {
      if (error instanceof AppError && error.problems.length > 0) {
        const refused: CompileResult = { ok: false, problems: [...error.problems] };
        const hash = contentHashOf(loaded.text, refused);
        add(report, await this.#inTurn((client) => record(client, path, hash, refused)));
        return false;
      }
      if (isLocked(error)) {
        this.#locked = error;
        return true;
      }
      // The database answered, and refused this one definition: the others must not wait for it.
      if ((error as { severity?: unknown }).severity !== "ERROR") throw error;
      const refused: CompileResult = { ok: false, problems: [refusal(path, error)] };
      add(report, await this.#inTurn((client) => record(client, path, contentHash, refused)));
      return true;
    }
  }

  async #remove(path: string, report: SyncReport): Promise<void> {
    try {
      const archived = await this.#inTurn(async (client) => {
        await deleteSources(client, [path]);
        return archiveFlowsOf(client, path, null);
      });
      add(report, { archived });
    } catch (error) {
      if (!isLocked(error)) throw error;
      this.#locked = error;
    }
  }

  /** Keeps that the folder cannot be read as a problem of its own; the next good look removes it. */
  async #writeUnreadable(error: unknown): Promise<void> {
    const path = `${basename(this.#path)}/`;
    const problem: Problem = {
      code: "FILE_NOT_FOUND",
      message: `The folder ${this.#path} cannot be read (${reasonOf(error)}).`,
      fix: "Make the folder readable, or set IDEM_FLOWS to another one.",
      position: { file: path, line: 1, column: 1 },
    };
    const result: CompileResult = { ok: false, problems: [problem] };
    await this.#inTurn((client) => record(client, path, contentHashOf("", result), result));
  }

  #inTurn<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    return inTransaction(this.#pool, async (client) => {
      await lockSources(client);
      return work(client);
    });
  }
}

/** Writes down what a file holds, within the caller's transaction; nothing when that is known. */
async function record(
  client: PoolClient,
  path: string,
  contentHash: string,
  result: CompileResult,
): Promise<Partial<SyncReport>> {
  const known = await findSource(client, path);
  if (isRecorded(known, contentHash, result)) return {};
  if (!result.ok) {
    const { problems } = result;
    await saveSource(client, { path, contentHash, flowId: known?.flowId ?? null, problems });
    return { broken: [path] };
  }
  const { id } = result.flow.spec;
  await storeFlow(client, result.flow, "file", system.name);
  const archived = await archiveFlowsOf(client, path, id);
  await saveSource(client, { path, contentHash, flowId: id, problems: [] });
  return { stored: [id], archived };
}

function add(report: SyncReport, more: Partial<SyncReport>): void {
  report.stored.push(...(more.stored ?? []));
  report.archived.push(...(more.archived ?? []));
  report.broken.push(...(more.broken ?? []));
}

function isRecorded(
  known: SourceState | null,
  contentHash: string,
  result: CompileResult,
): boolean {
  if (known?.contentHash !== contentHash) return false;
  if (!result.ok) return known.problems.length > 0;
  return known.flowId === result.flow.spec.id && known.currentHash === result.flow.hash;
}

/** Changes with everything that was read for a definition, and with what came of it. */
function contentHashOf(text: string, result: CompileResult): string {
  const outcome = result.ok ? result.flow.hash : result.problems;
  return sha256Hex(canonicalJson({ text: sha256Hex(text), outcome }));
}

function claimOf(path: string, loaded: LoadedDefinition, row: SourceRow | undefined) {
  return {
    path,
    id: loaded.result.ok ? loaded.result.flow.spec.id : null,
    isSound: loaded.result.ok,
    heldId: row?.flowId ?? null,
  };
}

function duplicate(path: string, loaded: LoadedDefinition, holder: string): CompileResult {
  const id = loaded.result.ok ? loaded.result.flow.spec.id : "";
  const problem: Problem = {
    code: "DUPLICATE_FLOW",
    message: `The flow "${id}" is defined in ${holder} already.`,
    fix: "Give one of them another id, or remove a file.",
    position: idPosition(path, loaded),
  };
  return { ok: false, problems: [problem] };
}

function idPosition(path: string, { document }: LoadedDefinition): Position {
  const entry = document?.root?.kind === "map" ? document.root.entries.get("id") : undefined;
  if (document === null || entry === undefined) return { file: path, line: 1, column: 1 };
  return document.locate(entry.value.at);
}

function refusal(path: string, error: unknown): Problem {
  return {
    code: "INVALID_VALUE",
    message: `The database cannot store this definition (${reasonOf(error)}).`,
    fix: "Remove unusual characters, or report this as a defect.",
    position: { file: path, line: 1, column: 1 },
  };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error ? String(error.code) : error.message;
}

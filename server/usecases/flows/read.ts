import { type Actor, authorise } from "#server/auth/actor.ts";
import { AppError, type Problem } from "#server/core/errors.ts";
import type { UnmetCall } from "#server/core/flow/call-warnings.ts";
import { calledFlow, calledFlows } from "#server/core/flow/calls.ts";
import { diffJson } from "#server/core/flow/diff.ts";
import { graphView } from "#server/core/flow/graph/graph-view.ts";
import type { FlowSpec, Json, SourceFormat } from "#server/core/flow/spec.ts";
import type {
  BrokenSource,
  FlowDetail,
  FlowGrid,
  FlowSummary,
  RevisionDetail,
  RevisionSummary,
  SpecChange,
} from "#server/core/flow/view.ts";
import type { Page } from "#server/core/page.ts";
import type { TaskState } from "#server/core/run/states.ts";
import { readOrder } from "#server/db/flow/revisions.ts";
import { readKnownFlows } from "#server/db/run/calls.ts";
import { listGridStates } from "#server/db/run/run-detail.ts";
import { listLastRuns, listRuns } from "#server/db/run/run-views.ts";
import type { Deps } from "#server/usecases/deps.ts";
import type { FlowListInput, GridInput, RevisionInput, RevisionListInput } from "./inputs.ts";

/** Bars shown for each flow. */
const lastRunCount = 14;

const withLatest = {
  latestRevision: { select: { id: true, number: true, hash: true, taskCount: true } },
  schedules: {
    where: { nextTickAt: { not: null } },
    select: { nextTickAt: true },
    orderBy: { nextTickAt: "asc" },
    take: 1,
  },
} as const;

type FlowRow = Awaited<ReturnType<typeof findFlowRows>>[number];

function findFlowRows(deps: Deps, where: Parameters<Deps["prisma"]["flow"]["findMany"]>[0]) {
  return deps.prisma.flow.findMany({ ...where, include: withLatest });
}

/** Flows by id, and the files that could not be read as any stored flow. */
export async function listFlows(
  deps: Deps,
  actor: Actor,
  input: FlowListInput,
): Promise<{ items: FlowSummary[]; broken: BrokenSource[] }> {
  authorise(actor, "flow:read");
  const text = { contains: input.q ?? "", mode: "insensitive" as const };
  const rows = await findFlowRows(deps, {
    where: {
      latestRevisionId: { not: null },
      archivedAt: input.archived === true ? { not: null } : null,
      ...(input.tag === undefined ? {} : { tags: { has: input.tag } }),
      ...(input.q === undefined ? {} : { OR: [{ id: text }, { name: text }, { owner: text }] }),
    },
    orderBy: { id: "asc" },
    take: 1000,
  });
  const sources = await listProblems(deps);
  const items = await summarise(deps, rows, sources);
  const known = await findKept(deps, sources);
  const broken = sources.filter(({ flowId }) => flowId === null || !known.has(flowId));
  return {
    items,
    broken: input.archived === true ? [] : broken.map(({ path, problems }) => ({ path, problems })),
  };
}

/** Which of the flows of broken files are in use all the same, whatever the list was asked for. */
async function findKept(deps: Deps, sources: readonly ProblemRow[]): Promise<ReadonlySet<string>> {
  const ids = sources.flatMap(({ flowId }) => flowId ?? []);
  if (ids.length === 0) return new Set();
  const kept = await deps.prisma.flow.findMany({
    where: { id: { in: ids }, latestRevisionId: { not: null }, archivedAt: null },
    select: { id: true },
  });
  return new Set(kept.map(({ id }) => id));
}

interface ProblemRow {
  path: string;
  flowId: string | null;
  problems: Problem[];
}

/** Files of the flows folder that had problems when they were last looked at. */
async function listProblems(deps: Deps): Promise<ProblemRow[]> {
  const rows = await deps.prisma.flowSource.findMany({ orderBy: { path: "asc" } });
  return rows
    .map(({ path, flowId, problems }) => ({
      path,
      flowId,
      problems: problems as unknown as Problem[],
    }))
    .filter((row) => row.problems.length > 0);
}

export async function countBrokenSources(deps: Deps): Promise<number> {
  return (await listProblems(deps)).length;
}

async function summarise(
  deps: Deps,
  rows: readonly FlowRow[],
  sources: readonly ProblemRow[],
): Promise<FlowSummary[]> {
  const runs = await listLastRuns(
    deps.pool,
    rows.map((row) => row.id),
    lastRunCount,
  );
  return rows.flatMap((row) => {
    const latest = row.latestRevision;
    if (latest === null) return [];
    return {
      id: row.id,
      name: row.name,
      description: row.description,
      owner: row.owner,
      tags: row.tags,
      origin: row.origin,
      sourcePath: row.sourcePath,
      revision: latest.number,
      revisionHash: latest.hash,
      taskCount: latest.taskCount,
      archivedAt: row.archivedAt?.toISOString() ?? null,
      updatedAt: row.updatedAt.toISOString(),
      problems: sources.filter((s) => s.flowId === row.id).flatMap((s) => s.problems),
      nextTick: nextTickOf(row),
      lastRuns: (runs.get(row.id) ?? []).toReversed(),
    };
  });
}

function nextTickOf({ archivedAt, schedules: [first] }: FlowRow): string | null {
  return archivedAt === null ? (first?.nextTickAt?.toISOString() ?? null) : null;
}

function noFlow(id: string): never {
  throw new AppError("NOT_FOUND", `There is no flow "${id}".`, {
    fix: "Look at the list of flows.",
  });
}

/** @throws AppError NOT_FOUND */
export async function getFlow(deps: Deps, actor: Actor, id: string): Promise<FlowDetail> {
  authorise(actor, "flow:read");
  const rows = await findFlowRows(deps, { where: { id, latestRevisionId: { not: null } } });
  const [summary] = await summarise(deps, rows, await listProblems(deps));
  if (summary === undefined) return noFlow(id);
  const revision = await findRevisionRow(deps, id, summary.revision);
  return {
    ...summary,
    unmetCalls: await unmetCallsOf(deps, revision.detail.spec),
    spec: revision.detail.spec,
    graph: revision.detail.graph,
    sourceFormat: revision.detail.sourceFormat,
    revisionId: revision.id,
    revisionCreatedAt: revision.detail.createdAt,
  };
}

async function unmetCallsOf(deps: Deps, spec: FlowSpec): Promise<UnmetCall[]> {
  const called = calledFlows(spec);
  if (called.length === 0) return [];
  const known = await readKnownFlows(deps.pool, called);
  return Object.entries(spec.tasks).flatMap(([task, own]): UnmetCall[] => {
    const flow = calledFlow(own);
    if (flow === null || known.get(flow)?.archived === false) return [];
    return [{ task, flow, archived: known.has(flow) }];
  });
}

async function findRevisionRow(
  deps: Deps,
  flow: string,
  number: number,
): Promise<{ id: string; detail: RevisionDetail }> {
  const row = await deps.prisma.revision.findUnique({
    where: { flowId_number: { flowId: flow, number } },
  });
  if (row === null) {
    throw new AppError("NOT_FOUND", `The flow "${flow}" has no revision r${number}.`, {
      fix: "Look at the revisions of the flow.",
    });
  }
  const spec = row.spec as unknown as FlowSpec;
  const id = row.id.toString();
  return {
    id,
    detail: {
      flow,
      number,
      hash: row.hash,
      createdAt: row.createdAt.toISOString(),
      createdBy: row.createdBy,
      sourceFormat: row.sourceFormat as SourceFormat,
      sourcePath: row.sourcePath,
      sourceText: row.sourceText,
      taskCount: row.taskCount,
      edgeCount: row.edgeCount,
      spec,
      graph: graphView(spec, await readOrder(deps.pool, id)),
    },
  };
}

/** @throws AppError NOT_FOUND */
export async function getRevision(
  deps: Deps,
  actor: Actor,
  input: RevisionInput,
): Promise<RevisionDetail> {
  authorise(actor, "flow:read");
  return (await findRevisionRow(deps, input.flow, input.number)).detail;
}

export async function listRevisions(
  deps: Deps,
  actor: Actor,
  input: RevisionListInput,
): Promise<Page<RevisionSummary>> {
  authorise(actor, "flow:read");
  const rows = await deps.prisma.revision.findMany({
    where: { flowId: input.flow, ...(input.cursor ? { number: { lt: input.cursor } } : {}) },
    orderBy: { number: "desc" },
    take: input.limit + 1,
    omit: { spec: true, sourceText: true },
  });
  const counts = await deps.pool.query<{ id: string; n: number }>(
    `select v.id, (select count(*)::int from (select 1 from run where revision_id = v.id limit 1000) q) as n
       from unnest($1::bigint[]) v(id)`,
    [rows.map((row) => row.id.toString())],
  );
  const runs = new Map(counts.rows.map((row) => [row.id, row.n]));
  const items = rows.slice(0, input.limit).map((row) => ({
    number: row.number,
    hash: row.hash,
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdBy,
    sourceFormat: row.sourceFormat as SourceFormat,
    taskCount: row.taskCount,
    edgeCount: row.edgeCount,
    runs: runs.get(row.id.toString()) ?? 0,
  }));
  const last = items.at(-1);
  return { items, next: rows.length > input.limit && last ? String(last.number) : null };
}

/** Two revisions of a flow and how their canonical specs differ. */
export async function diffRevisions(
  deps: Deps,
  actor: Actor,
  input: { flow: string; a: number; b: number },
): Promise<{ changes: SpecChange[]; a: RevisionDetail; b: RevisionDetail }> {
  authorise(actor, "flow:read");
  const [a, b] = await Promise.all([
    findRevisionRow(deps, input.flow, input.a),
    findRevisionRow(deps, input.flow, input.b),
  ]);
  const changes = diffJson(a.detail.spec as unknown as Json, b.detail.spec as unknown as Json);
  return { changes, a: a.detail, b: b.detail };
}

/** The newest runs of a flow against the tasks that they have, newest revision's order first. */
export async function getGrid(deps: Deps, actor: Actor, input: GridInput): Promise<FlowGrid> {
  authorise(actor, "flow:read");
  const rows = await listRuns(
    deps.pool,
    { flow: input.flow },
    input.cursor ?? null,
    input.limit + 1,
  );
  const runs = rows.slice(0, input.limit);
  const cells = await listGridStates(
    deps.pool,
    runs.map((run) => run.id),
  );
  const tasks = new Map<string, { id: string; type: string }>();
  const byRun = new Map<string, Map<string, TaskState>>();
  for (const cell of cells) {
    if (!tasks.has(cell.taskId)) tasks.set(cell.taskId, { id: cell.taskId, type: cell.type });
    const states = byRun.get(cell.runId) ?? new Map<string, TaskState>();
    states.set(cell.taskId, cell.state);
    byRun.set(cell.runId, states);
  }
  const columns = [...tasks.values()];
  return {
    tasks: columns,
    runs,
    states: runs.map((run) => columns.map(({ id }) => byRun.get(run.id)?.get(id) ?? null)),
    next: rows.length > input.limit ? (runs.at(-1)?.id ?? null) : null,
  };
}

/** Flows and their revisions as pages and programs see them. */
import type { Problem } from "../errors.ts";
import type { RunState, TaskState } from "../run/states.ts";
import type { RunSummary } from "../run/view.ts";
import type { UnmetCall } from "./call-warnings.ts";
import type { FlowSpec, Json, SourceFormat } from "./spec.ts";

export interface GraphView {
  tasks: { id: string; name: string | null; type: string; needs: string[] }[];
  hash: string;
}

export interface FlowSummary {
  id: string;
  name: string | null;
  description: string | null;
  owner: string | null;
  tags: string[];
  origin: "file" | "push" | "import";
  sourcePath: string | null;
  revision: number;
  revisionHash: string;
  taskCount: number;
  archivedAt: string | null;
  updatedAt: string;
  problems: Problem[];
  /** The next tick of any of its schedules; null when none is to come. */
  nextTick: string | null;
  /** Newest last, at most 14. */
  lastRuns: { id: string; state: RunState; createdAt: string; durationMs: number | null }[];
}

/** A file below the flows folder that has problems and belongs to no stored flow. */
export interface BrokenSource {
  path: string;
  problems: Problem[];
}

export interface RevisionSummary {
  number: number;
  hash: string;
  createdAt: string;
  createdBy: string;
  sourceFormat: SourceFormat;
  taskCount: number;
  edgeCount: number;
  runs: number;
}

export interface FlowDetail extends FlowSummary {
  /** Flows that its tasks run and that are not there, or archived: runs are refused. */
  unmetCalls: UnmetCall[];
  spec: FlowSpec;
  graph: GraphView;
  sourceFormat: SourceFormat;
  revisionId: string;
  revisionCreatedAt: string;
}

export interface RevisionDetail extends Omit<RevisionSummary, "runs"> {
  flow: string;
  spec: FlowSpec;
  sourcePath: string;
  sourceText: string;
  graph: GraphView;
}

export interface SpecChange {
  /** JSON pointer into the canonical spec or manifest. */
  path: string;
  /** Absent on one side when the value was added or removed. */
  before?: Json;
  after?: Json;
}

/** Newest run first. `states[run][task]` follows `runs` and `tasks`; null where the run's revision lacks the task. */
export interface FlowGrid {
  tasks: { id: string; type: string }[];
  runs: RunSummary[];
  states: (TaskState | null)[][];
  next: string | null;
}

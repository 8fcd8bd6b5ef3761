import { sha256Hex } from "../flow/canonical.ts";
import type { Json } from "../flow/spec.ts";
import { isRunEnded, type RunState } from "../run/states.ts";
import type { Span } from "../schedule/ticks.ts";
import { type ReasonKind, type Reprocess, reasonKinds } from "./states.ts";

/** What the ledger is about before anything is decided: an interval, or a set of parameters. */
export interface Subject {
  span: Span | null;
  /** All parameters, defaults included, in a backfill over sets; null otherwise. */
  params: Record<string, Json> | null;
}

/** The run that counts for a subject: a live one before any other, else the newest. */
export interface LatestRun {
  id: string;
  state: RunState;
  /** True when a task that a new run would repeat succeeded in any run of this subject. */
  guarded: boolean;
}

export interface PlannedRow extends Subject {
  ordinal: number;
  decision: "run" | "skip";
  reason: { kind: ReasonKind; run: string | null };
  guarded: boolean;
}

/**
 * Decides about each subject by the latest run of it.
 * @param subjects in the order of work
 * @param latestOf the run that counts for a subject, by its place; undefined when there is none
 */
export function planRows(
  subjects: readonly Subject[],
  latestOf: (index: number) => LatestRun | undefined,
  mode: Reprocess,
): PlannedRow[] {
  return subjects.map((subject, ordinal) => {
    const latest = latestOf(ordinal);
    const kind = reasonOf(latest);
    const decision = isChosen(kind, mode) ? "run" : "skip";
    return {
      ...subject,
      ordinal,
      decision,
      reason: { kind, run: latest?.id ?? null },
      guarded: decision === "run" && latest?.guarded === true,
    };
  });
}

function reasonOf(latest: LatestRun | undefined): ReasonKind {
  if (latest === undefined) return "missing";
  const { state } = latest;
  if (!isRunEnded(state)) return "live";
  return state === "succeeded" || state === "failed" ? state : "cancelled";
}

function isChosen(kind: ReasonKind, mode: Reprocess): boolean {
  switch (kind) {
    case "missing":
      return true;
    case "failed":
    case "cancelled":
      return mode !== "missing";
    case "succeeded":
      return mode === "all";
    case "live":
      return false;
  }
}

export interface PlanTotals {
  counts: { run: number; skip: number };
  reasons: Record<ReasonKind, number>;
  guardedRows: number;
}

export function totalsOf(rows: readonly PlannedRow[]): PlanTotals {
  const counts = { run: 0, skip: 0 };
  const reasons = Object.fromEntries(reasonKinds.map((kind) => [kind, 0])) as PlanTotals["reasons"];
  let guardedRows = 0;
  for (const row of rows) {
    counts[row.decision] += 1;
    reasons[row.reason.kind] += 1;
    if (row.guarded) guardedRows += 1;
  }
  return { counts, reasons, guardedRows };
}

/**
 * SHA-256 over everything that a plan says. Two plans with one hash do the same.
 * @param head canonical text of what was asked for and of the revision that was chosen
 */
export function hashPlan(head: string, rows: readonly PlannedRow[]): string {
  const lines = rows.map(({ span, params, decision, reason, guarded }) => {
    const subject = span === null ? JSON.stringify(params) : `${span.start}/${span.end}`;
    return `${subject} ${decision} ${reason.kind} ${reason.run ?? ""}${guarded ? " guarded" : ""}`;
  });
  return sha256Hex([head, ...lines].join("\n"));
}

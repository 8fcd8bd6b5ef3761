import { rowStates } from "#server/core/backfill/states.ts";
import type {
  BackfillDetail,
  BackfillPause,
  BackfillPlan,
  BackfillRowView,
  BackfillSummary,
} from "#server/core/backfill/view.ts";
import { table } from "./output.ts";
import { backfillWaitText } from "./wait-text.ts";

/** Rows of a plan, and failed rows, that people are shown. */
export const SHOWN = 20;

/** A plan for people: what would be done, and why. */
export function describePlan(plan: BackfillPlan): string {
  const { run, skip } = plan.counts;
  const reasons = Object.entries(plan.reasons).filter(([, count]) => count > 0);
  const lines = [
    `Plan ${plan.id} of ${plan.flow} r${plan.revision}: ${run} to run, ${skip} to skip`,
    reasons.map(([kind, count]) => `${count} ${kind}`).join(", "),
    `hash ${plan.hash}`,
  ];
  if (plan.range !== null) {
    lines.push(`intervals from ${plan.range.start} to ${plan.range.end} (${plan.timezone})`);
  }
  if (plan.guarded.rows > 0) {
    lines.push(
      `${plan.guarded.rows} repeat effects of ${plan.guarded.tasks.join(", ")}: needs --reason`,
    );
  }
  const rows = plan.rows.items
    .slice(0, SHOWN)
    .map((row) => [subjectText(row), row.decision, reasonText(row)]);
  const more = plan.total > SHOWN ? `\n… and ${plan.total - SHOWN} more` : "";
  return `${[...lines, "", table(["INTERVAL", "DECISION", "REASON"], rows)].join("\n")}${more}`;
}

/** A backfill with its failed intervals, for people. */
export function describeBackfill(
  backfill: BackfillDetail,
  failed: readonly BackfillRowView[],
): string {
  const counts = rowStates.filter((state) => backfill.counts[state] > 0);
  const lines = [
    `backfill ${backfill.id}  ${backfill.flow} r${backfill.revision}  ${backfill.state}${pauseText(backfill.pause)}`,
    rangeText(backfill),
    `${counts.map((state) => `${backfill.counts[state]} ${state}`).join(", ")} of ${backfill.total}`,
    `at most ${backfill.concurrency} at a time, ${backfill.order}, reprocess ${backfill.reprocess}`,
  ];
  if (backfill.waits !== null) {
    lines.push(`${backfill.counts.waiting} wait: ${backfillWaitText(backfill.waits)}`);
  }
  if (backfill.perHour !== null) {
    const eta = backfill.eta === null ? "" : `, done by ${backfill.eta}`;
    lines.push(`${Math.round(backfill.perHour)} an hour${eta}`);
  }
  if (failed.length === 0) return lines.join("\n");
  const rows = failed.map((row) => [
    subjectText(row),
    row.run ?? "",
    row.problem ?? row.firstError?.message ?? "",
  ]);
  return [...lines, "", table(["FAILED", "RUN", "ERROR"], rows)].join("\n");
}

export function rangeText({ range, total, timezone }: BackfillSummary): string {
  return range === null ? `${total} sets` : `${range.start} to ${range.end} (${timezone})`;
}

function subjectText({ interval, params }: BackfillRowView): string {
  return interval === null ? JSON.stringify(params) : interval.start;
}

function reasonText({ reason, guarded }: BackfillRowView): string {
  const run = reason.run === null ? "" : ` (run ${reason.run})`;
  return `${reason.kind}${run}${guarded ? "; repeats effects outside" : ""}`;
}

function pauseText(pause: BackfillPause | null): string {
  switch (pause?.kind) {
    case undefined:
      return "";
    case "person":
      return ` by ${pause.by}`;
    case "canary":
      return ` since ${pause.failed} of the first did not succeed`;
    case "failures":
      return ` after ${pause.failed} failures`;
    case "archived":
      return " since the flow is archived";
    case "fault":
      return `: ${pause.message}`;
  }
}

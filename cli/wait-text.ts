import type { BackfillWait } from "#server/core/backfill/wait.ts";
import type { WaitReason } from "#server/core/run/view.ts";

/** Why something waits, in one sentence without a full stop. */
export function waitText(reason: WaitReason): string {
  switch (reason.kind) {
    case "needs":
      return `waits for ${reason.tasks.slice(0, 5).join(", ")}${reason.tasks.length > 5 ? ` and ${reason.tasks.length - 5} more` : ""}`;
    case "slot":
      return "all slots of the runners are in use";
    case "no_runner":
      return "no runner is up";
    case "label":
      return `no runner that is up has the label ${reason.label}`;
    case "pool":
      return `pool ${reason.pool} is full (${reason.running} of ${reason.slots} slots)`;
    case "retry":
      return `failed and is tried again at ${reason.at}`;
    case "apart":
      return "was lost with its runner twice and is tried apart from what was lost with it";
    case "earlier_runs":
      return `takes its turn after run ${reason.runs.slice(0, 5).join(", ")}`;
    case "flow_limit":
      return `flow ${reason.flow} has ${reason.active} of ${reason.limit} active runs`;
    case "next":
      return "is about to go on";
  }
}

/** Why rows of a backfill have no run yet, in one sentence without a full stop. */
export function backfillWaitText(reason: BackfillWait): string {
  switch (reason.kind) {
    case "window":
      return `the window is full (${reason.running} of ${reason.window} runs at a time)`;
    case "canary":
      return `the first ${reason.rows} must succeed before the others`;
    case "paused":
      return "the backfill is paused";
    case "live_run":
      return `run ${reason.run} of the same interval goes on`;
    case "next":
      return "about to start";
  }
}

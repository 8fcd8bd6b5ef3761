/** Named points at which a test makes the process die as if the machine had. Inert otherwise. */

export type FaultPoint =
  | "after-claim"
  | "after-spawn"
  | "before-complete"
  | "after-complete"
  | "while-retrying"
  | "before-tick"
  | "within-tick"
  | "after-tick"
  | "within-plan"
  | "after-plan"
  | "within-start"
  | "after-start"
  | "within-window"
  | "after-window"
  | "within-backfill-end"
  | "within-bulk"
  | "within-flow-call"
  | "before-delivery"
  | "after-delivery";

const wanted = process.env.NODE_ENV === "test" ? process.env.IDEM_FAULT_POINT : undefined;

/** SIGKILL to this process when the environment asks for it at this point, in a test. */
export function faultPoint(point: FaultPoint): void {
  if (wanted === point) process.kill(process.pid, "SIGKILL");
}

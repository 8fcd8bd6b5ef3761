/**
 * How a child process of the supervisor ends: on SIGTERM, and when the supervisor is gone, which
 * shows as a closed IPC channel. Ctrl-C is the supervisor's affair.
 */

export type StopReason = "signal" | "orphaned";

/** Nothing outlives a killed supervisor for longer than 15 s; this leaves time to be killed. */
const ORPHAN_LIMIT_MS = 12_000;

/**
 * Calls `stop` once and ends the process after it, at the latest after `limitMs`.
 * @param stop releases what the process holds; a rejection ends the process with code 1
 */
export function stopWithSupervisor(
  stop: (reason: StopReason) => Promise<void>,
  limitMs: number,
): void {
  let stopping = false;
  const begin = (reason: StopReason) => {
    if (stopping) return;
    stopping = true;
    const limit = reason === "orphaned" ? Math.min(limitMs, ORPHAN_LIMIT_MS) : limitMs;
    setTimeout(() => process.exit(1), limit).unref();
    stop(reason).then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", () => begin("signal"));
  if (process.send === undefined) process.on("SIGINT", () => begin("signal"));
  else {
    process.on("SIGINT", () => {});
    process.on("disconnect", () => begin("orphaned"));
    if (!process.connected) begin("orphaned");
  }
}

/** Tells the supervisor, where there is one. */
export function tellSupervisor(message: ChildMessage): void {
  if (process.connected) process.send?.(message);
}

/** What a child tells its supervisor. */
export type ChildMessage =
  | { type: "ready" }
  /** It cannot run at all, for the reason given; restarting it would not help. */
  | { type: "refused"; message: string };

export function isChildMessage(value: unknown): value is ChildMessage {
  if (typeof value !== "object" || value === null || !("type" in value)) return false;
  return value.type === "ready" || (value.type === "refused" && "message" in value);
}

/** Runners as pages and programs see them. */

export interface RunnerView {
  id: string;
  name: string;
  host: string;
  pid: number;
  version: string;
  state: "active" | "draining" | "stopped" | "lost";
  slots: number;
  /** What tasks can ask for under `runs_on`. */
  labels: string[];
  running: number;
  /** Attempts that it has ended. */
  ended: number;
  /** Who asked it to drain; null unless it drains and may be resumed. */
  drainedBy: string | null;
  memoryBytes: number;
  startedAt: string;
  heartbeatAt: string;
  heartbeatAgeMs: number;
}

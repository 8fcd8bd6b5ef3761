/** Messages between a runner and its watchdog, over the IPC channel. */

/** A program to start, in a session and process group of its own. */
export interface Launch {
  /** Chosen by the runner; comes back with everything that is said about this program. */
  id: number;
  command: string;
  args: readonly string[];
  cwd: string;
  env: Readonly<Record<string, string>>;
  /** Paths of the named pipes that it writes to. The runner has them open for reading. */
  stdout: string;
  stderr: string;
  /** Until when the lease allows the start (clock of leases). */
  until: number;
}

export type ToWatchdog =
  /** The lease was renewed by a request sent at that time (clock of leases). */
  | { type: "beat"; since: number }
  /** The runner itself has started a process group. */
  | { type: "watch"; group: number }
  /** Nothing is left of a process group, whoever started it. */
  | { type: "unwatch"; group: number }
  | { type: "launch"; launch: Launch };

export type FromWatchdog =
  | { type: "started"; id: number; pid: number }
  /** There is no process. */
  | { type: "failed"; id: number; message: string }
  /** The lease does not allow a start any more. */
  | { type: "refused"; id: number }
  | { type: "ended"; id: number; code: number | null; signal: NodeJS.Signals | null };

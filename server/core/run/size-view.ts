/** What people and programs see of the task-size advisor. */

/** Tasks whose start takes longer than their work. */
export interface SizeAdvice {
  /** A task that is executed over a list in batches of so many, or the type of many alike tasks. */
  of: { kind: "list"; task: string; batch: number } | { kind: "alike"; type: string };
  /** Runs and task runs looked at. */
  runs: number;
  taskRuns: number;
  /** Part of the time from ready to finished that went into waiting and start-up; 0 to 1. */
  overhead: number;
  /** For one task run, in milliseconds. */
  startUpMs: number;
  workMs: number;
  waitMs: number;
  /** Items that one task run should work on. */
  batch: number;
  /** What these tasks of a run take, and would take with that batch. */
  spanMs: number;
  thenMs: number;
}

export interface SizeAdviceList {
  flow: string;
  /** Below this many task runs nothing is said. */
  minTaskRuns: number;
  items: SizeAdvice[];
}

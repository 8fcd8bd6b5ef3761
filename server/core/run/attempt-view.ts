/** Attempts of tasks as pages and programs see them: their ends, logs and data. */
import type { Json, Writes } from "../flow/spec.ts";
import type { AttemptState } from "./states.ts";
import type { WaitReason } from "./view.ts";

export interface AttemptView {
  attempt: number;
  state: AttemptState;
  startedAt: string;
  finishedAt: string | null;
  runner: string | null;
  error: AttemptError | null;
}

/** Why an attempt did not succeed. `message` is one line, fit for a list. */
export interface AttemptError {
  kind:
    | "exit"
    | "signal"
    | "timeout"
    | "cancelled"
    | "lost"
    | "http"
    | "exception"
    | "output"
    | "template"
    | "start"
    /** Of a task that is executed over a list: some of its task runs failed. */
    | "items"
    /** Of a task that runs a flow: the run did not succeed. */
    | "flow";
  message: string;
  exitCode?: number;
  signal?: string;
  status?: number;
  /** Why no retry followed although attempts were left. */
  gaveUp?: "not_retried" | "given_up" | "out_of_time";
  /** 1-based line in the attempt's log where the first error was found. */
  line?: number;
}

export interface TaskIoView {
  task: string;
  type: string;
  /** Settings as they are written, templates in them. */
  with: Record<string, Json>;
  env: Record<string, string>;
  writes: Writes;
  /** The same as the attempt saw it; null before there was one, and where a template fails. */
  rendered: { with: Record<string, Json>; env: Record<string, string>; writes: Writes } | null;
  inputs: { task: string; output: Json }[];
  /**
   * What one task run of a list works on, an item or a batch of them, and what it returned; null when
   * none was asked for, or its task is not executed over a list.
   */
  each: { index: number; value: Json; output: Json } | null;
  output: Json;
  outputFrom: string | null;
  waits: WaitReason[];
}

/** `n` is the 1-based line number. `text` may hold ANSI escapes and must be shown as text. */
export interface LogLine {
  n: number;
  stream: "stdout" | "stderr" | "notice";
  text: string;
  at: string;
}

export interface LogPage {
  lines: LogLine[];
  /** Number of lines stored so far. */
  total: number;
  /** True once the attempt has ended and everything is stored. */
  complete: boolean;
  truncated: boolean;
  /** 1-based number of the first error line, when the attempt failed. */
  firstErrorLine: number | null;
}

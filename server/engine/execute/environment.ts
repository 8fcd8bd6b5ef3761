/** The environment of a task's process: what is listed here, the author's own, and nothing else. */
import type { EachScope } from "../../core/flow/template/template.ts";
import type { RunFacts } from "../../db/queue/queue-run.ts";
import { ATTEMPT_TOKEN_VARIABLE, TOKEN_VARIABLE } from "../watchdog/processes.ts";
import type { Workdir } from "./workdir.ts";

/** Linux refuses a variable of 128 KB; parameters and items beyond this are left to templates. */
const MAX_PARAMS_BYTES = 100_000;

export interface EnvironmentInput {
  run: RunFacts;
  task: string;
  attempt: number;
  /** The author's `env`, rendered. */
  env: Readonly<Record<string, string>>;
  workdir: Workdir;
  dataDir: string;
  runnerToken: string;
  attemptToken: string;
  /** What a task run of a list works on. */
  each?: EachScope;
}

/** IDEM_ITEM has the item, or with a batch the list of items, as JSON. */
function eachVariables(each: EachScope | undefined): Record<string, string> {
  if (each === undefined) return {};
  const text = JSON.stringify("items" in each ? each.items : each.item);
  return {
    IDEM_INDEX: String(each.index),
    ...(Buffer.byteLength(text) <= MAX_PARAMS_BYTES ? { IDEM_ITEM: text } : {}),
  };
}

export function taskEnvironment(input: EnvironmentInput): Record<string, string> {
  const { run, workdir } = input;
  const params = JSON.stringify(run.params);
  return {
    PATH: process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin",
    LANG: process.env.LANG ?? "C.UTF-8",
    HOME: workdir.work,
    TMPDIR: workdir.temporary,
    ...input.env,
    IDEM_RUN_ID: run.id,
    IDEM_TASK: input.task,
    IDEM_ATTEMPT: String(input.attempt),
    IDEM_IDENTITY: run.identity,
    IDEM_INTERVAL_START: run.intervalStart?.toISOString() ?? "",
    IDEM_INTERVAL_END: run.intervalEnd?.toISOString() ?? "",
    ...(Buffer.byteLength(params) <= MAX_PARAMS_BYTES ? { IDEM_PARAMS: params } : {}),
    IDEM_OUTPUT: workdir.outputFile,
    IDEM_DATA: input.dataDir,
    ...eachVariables(input.each),
    [TOKEN_VARIABLE]: input.runnerToken,
    [ATTEMPT_TOKEN_VARIABLE]: input.attemptToken,
  };
}

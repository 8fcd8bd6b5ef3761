/** Program of the thread that compiles what is sent: one CompileJob in, one CompileAnswer out. */
import { parentPort } from "node:worker_threads";
import type { CompileResult } from "#server/core/flow/compile.ts";
import { type CompileJob, runCompileJob } from "./compile-job.ts";

export type CompileAnswer = { result: CompileResult } | { error: unknown };

// The YAML reader asks the environment at every token; in an object of our own that costs nothing.
process.env = {} as NodeJS.ProcessEnv;

parentPort?.on("message", (job: CompileJob) => {
  runCompileJob(job).then(
    (result) => parentPort?.postMessage({ result } satisfies CompileAnswer),
    (error: unknown) => parentPort?.postMessage({ error } satisfies CompileAnswer),
  );
});

import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import type { CompileResult } from "#server/core/flow/compile.ts";
import type { CompileJob } from "./compile-job.ts";
import type { CompileAnswer } from "./compile-thread.ts";
import { productFile } from "./product-files.ts";

export interface CompileLimits {
  timeoutMs: number;
  /** Of a thread that is started for the job; a warm one keeps the limit that it has. */
  memoryMb: number;
}

const LIMITS: CompileLimits = { timeoutMs: 30_000, memoryMb: 1_024 };

let bundled: Promise<string> | null = null;
let idle: Worker | null = null;
/** The last job in the queue: one at a time, so that requests keep the other cores. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Compiles a definition in a thread of its own, which stays warm for the next one. Jobs take turns.
 * A definition that takes too long or too much memory is refused; this thread goes on meanwhile.
 * @throws Error for a fault of the compiler, not of the definition
 */
export function compileInThread(
  job: CompileJob,
  limits: CompileLimits = LIMITS,
): Promise<CompileResult> {
  const turn = last.then(() => compile(job, limits));
  last = turn.catch(() => undefined);
  return turn;
}

async function compile(job: CompileJob, limits: CompileLimits): Promise<CompileResult> {
  const worker = idle ?? (await startThread(limits));
  idle = null;
  worker.ref();
  let limit: NodeJS.Timeout | undefined;
  try {
    const answer = await new Promise<CompileAnswer | CompileResult>((resolve, reject) => {
      limit = setTimeout(
        () => resolve(refusal(job, `takes longer than ${limits.timeoutMs / 1_000} s`)),
        limits.timeoutMs,
      );
      worker.once("message", resolve);
      worker.once("error", (error: NodeJS.ErrnoException) => {
        if (error.code !== "ERR_WORKER_OUT_OF_MEMORY") reject(error);
        else resolve(refusal(job, `needs more than ${limits.memoryMb} MB of memory`));
      });
      worker.once("exit", (code) => reject(new Error(`The compiling thread ended (${code}).`)));
      worker.postMessage(job);
    });
    if ("ok" in answer) return answer;
    idle = worker;
    if ("error" in answer) throw answer.error;
    return answer.result;
  } finally {
    clearTimeout(limit);
    for (const event of ["message", "error", "exit"]) worker.removeAllListeners(event);
    if (idle === worker) {
      // Nobody listens while it waits: a thread that dies then is replaced by the next job.
      worker.once("error", () => undefined);
      worker.once("exit", () => {
        if (idle === worker) idle = null;
      });
      worker.unref();
    } else {
      await worker.terminate();
    }
  }
}

async function startThread({ memoryMb }: CompileLimits): Promise<Worker> {
  return new Worker(await threadProgram(), {
    eval: true,
    env: {},
    name: "compile",
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
  });
}

/** The thread's program in one text, the same from the source, from dist/ and from the built pages. */
function threadProgram(): Promise<string> {
  bundled ??= build({
    entryPoints: [productFile("server/flow-sources/compile-thread.ts")],
    write: false,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20.19",
    logLevel: "silent",
  }).then(
    ({ outputFiles: [file] }) => {
      if (file === undefined) throw new Error("esbuild gave no program.");
      return file.text;
    },
    (error: unknown) => {
      bundled = null;
      throw error;
    },
  );
  return bundled;
}

function refusal({ file }: CompileJob, what: string): CompileResult {
  return {
    ok: false,
    problems: [
      {
        code: "TOO_LARGE",
        message: `Compiling the definition ${what}.`,
        fix: "Make it smaller, or split it into several flows.",
        position: { file, line: 1, column: 1 },
      },
    ],
  };
}

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { build } from "esbuild";
import { type Evaluation, MAX_ANSWER_BYTES } from "./evaluation.ts";
import { productFile } from "./product-files.ts";

export interface EvaluateLimits {
  timeoutMs: number;
  memoryMb: number;
}

const LIMITS: EvaluateLimits = { timeoutMs: 10_000, memoryMb: 256 };
/** How Node ends when a top-level await is left open. */
const UNSETTLED_AWAIT = 13;
/** Standard error kept for a message about a child that died. */
const MAX_STDERR = 16 * 1024;

/**
 * Reads the definition out of a bundle in a child process of its own: clean environment, limited in
 * time and memory, without access to files or other programs, killed with whatever it leaves behind.
 * Never throws for what the author's code does.
 */
export async function evaluateBundle(
  code: Uint8Array,
  limits: EvaluateLimits = LIMITS,
): Promise<Evaluation> {
  const program = await childProgram();
  return withTurn(async () => {
    const folder = await realpath(await mkdtemp(join(tmpdir(), "idem-definition-")));
    try {
      const bundle = join(folder, "bundle.mjs");
      await Promise.all([
        writeFile(bundle, code),
        writeFile(join(folder, "evaluate.mjs"), program),
      ]);
      return await run(folder, bundle, limits);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

/** Children at a time, so that many definitions at once do not take the memory of the machine. */
const MAX_CHILDREN = 2;
let running = 0;
const waiting: (() => void)[] = [];

async function withTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= MAX_CHILDREN) await new Promise<void>((resolve) => waiting.push(resolve));
  else running += 1;
  try {
    return await work();
  } finally {
    // The turn is handed on, so that nobody who comes later gets in between.
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}

let bundled: Promise<Uint8Array> | null = null;

/** The child's program in one file, so that it needs nothing of the product at run time. */
function childProgram(): Promise<Uint8Array> {
  bundled ??= build({
    entryPoints: [productFile("server/flow-sources/evaluate-child.ts")],
    write: false,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20.19",
    logLevel: "silent",
  }).then(
    ({ outputFiles: [file] }) => {
      if (file === undefined) throw new Error("esbuild gave no program.");
      return file.contents;
    },
    (error: unknown) => {
      bundled = null;
      throw error;
    },
  );
  return bundled;
}

/** Node's permission model: renamed when it left its experimental stage. */
const PERMISSION = process.allowedNodeEnvironmentFlags.has("--permission")
  ? "--permission"
  : "--experimental-permission";

/**
 * Runs a program and kills it as soon as standard input ends: should this process be killed, the
 * author's code does not outlive it, not even caught in a loop.
 */
const GUARDED = `
  exec 4<&0
  "$@" </dev/null 4<&- & program=$!
  { cat <&4 >/dev/null; kill -9 "$program"; } 2>/dev/null 3>&- &
  wait "$program"`;

async function run(folder: string, bundle: string, limits: EvaluateLimits): Promise<Evaluation> {
  const program = [
    process.execPath,
    `--max-old-space-size=${limits.memoryMb}`,
    "--no-warnings",
    PERMISSION,
    `--allow-fs-read=${join(folder, "*")}`,
    join(folder, "evaluate.mjs"),
    bundle,
  ];
  const child = spawn("/bin/sh", ["-c", GUARDED, "sh", ...program], {
    cwd: folder,
    env: { TZ: "UTC", NODE_ENV: "production" },
    // Nothing is ever written to standard input: its end is the end of this process.
    stdio: ["pipe", "ignore", "pipe", "pipe"],
    detached: true,
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  let overtime = false;
  const timer = setTimeout(() => {
    overtime = true;
    kill(child);
  }, limits.timeoutMs);
  try {
    const [answer, stderr, code] = await Promise.all([
      read(child.stdio[3] as Readable, MAX_ANSWER_BYTES, () => kill(child)),
      read(child.stdio[2] as Readable, MAX_STDERR, () => {}),
      ended,
    ]);
    if (overtime) return failure(`took longer than ${limits.timeoutMs / 1000} s`);
    if (answer === null) return failure(`is larger than ${MAX_ANSWER_BYTES >> 20} MB`);
    if (answer.length > 0) return JSON.parse(answer.toString()) as Evaluation;
    if (stderr?.includes("heap out of memory") || stderr === null) {
      return failure(`needs more than ${limits.memoryMb} MB of memory`);
    }
    if (code === UNSETTLED_AWAIT) return failure("awaits something that never comes");
    return failure(`ended the process (exit code ${code})`);
  } finally {
    clearTimeout(timer);
    kill(child);
  }
}

function failure(what: string): Evaluation {
  return { ok: false, message: `Reading the definition ${what}.`, place: null };
}

/** Everything up to the limit; null when there was more, `onFull` is then called once. */
async function read(stream: Readable, limit: number, onFull: () => void): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (size <= limit && size + chunk.length > limit) onFull();
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
  }
  return size > limit ? null : Buffer.concat(chunks);
}

/** The whole group, which the child leads; it may have ended. */
function kill(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

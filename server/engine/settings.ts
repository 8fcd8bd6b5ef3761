/** Settings of a runner, from the environment. All durations in milliseconds. */
import { hostname } from "node:os";
import { resolve } from "node:path";
import { z } from "zod";
import { AppError } from "../core/errors.ts";
import { LABEL } from "../core/flow/names.ts";

/**
 * Arguments of Node for a runner. What passes through it (logs, reports) lives for a moment: a small room
 * for such things is emptied more often, so that a long log does not make the runner grow. Half of this
 * costs a tenth of the throughput.
 */
export const RUNNER_NODE_ARGS: readonly string[] = ["--max-semi-space-size=8"];

const number = (fallback: number, least: number, most: number) =>
  z.coerce.number().int().min(least).max(most).default(fallback);

const schema = z.object({
  DATABASE_URL: z.string().min(1),
  IDEM_HOME: z.string().min(1).default(".idem"),
  IDEM_RUNNER_NAME: z.string().min(1).optional(),
  IDEM_SLOTS: number(16, 1, 1_000),
  IDEM_LABELS: z
    .string()
    .transform((text) => [...new Set(text.split(",").map((label) => label.trim()))].sort())
    .refine((labels) => labels.length <= 50 && labels.every((label) => LABEL.test(label)), {
      error: "write labels with commas between them, each of a-z, 0-9, -, _ and .",
    })
    .default([]),
  IDEM_HEARTBEAT_MS: number(1_000, 20, 60_000),
  IDEM_LEASE_MS: number(10_000, 500, 600_000),
  IDEM_DRAIN_MS: number(10_000, 0, 3_600_000),
  IDEM_KILL_GRACE_MS: number(5_000, 0, 600_000),
  IDEM_LOG_LIMIT_BYTES: number(50 * 1024 * 1024, 1_024, 1024 ** 3),
});

export interface RunnerSettings {
  databaseUrl: string;
  /** Absolute path. */
  home: string;
  name: string;
  /** Tasks at a time. */
  slots: number;
  /** What tasks can ask for under `runs_on`. */
  labels: string[];
  heartbeatMs: number;
  leaseMs: number;
  /** How long running tasks may go on after a request to stop. */
  drainMs: number;
  /** Between SIGTERM and SIGKILL. */
  killGraceMs: number;
  /** Most bytes of log that one attempt may store. */
  logLimitBytes: number;
}

/**
 * @param env variables; an empty one counts as not set
 * @throws AppError INVALID_INPUT naming the first setting that is wrong
 */
export function readRunnerSettings(
  env: Readonly<Record<string, string | undefined>>,
): RunnerSettings {
  const given = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => name in schema.shape && value !== ""),
  );
  const result = schema.safeParse(given);
  if (!result.success) {
    const issue = result.error.issues[0];
    const name = String(issue?.path[0]);
    throw new AppError("INVALID_INPUT", `${name} is not accepted: ${issue?.message}.`, {
      fix: "Correct or remove it.",
    });
  }
  const value = result.data;
  if (value.IDEM_LEASE_MS < 4 * value.IDEM_HEARTBEAT_MS) {
    throw new AppError("INVALID_INPUT", "IDEM_LEASE_MS is less than four heartbeats.", {
      fix: "Lengthen IDEM_LEASE_MS or shorten IDEM_HEARTBEAT_MS.",
    });
  }
  return {
    databaseUrl: value.DATABASE_URL,
    home: resolve(value.IDEM_HOME),
    name: value.IDEM_RUNNER_NAME ?? `${hostname()}-${process.pid}`,
    slots: value.IDEM_SLOTS,
    labels: value.IDEM_LABELS,
    heartbeatMs: value.IDEM_HEARTBEAT_MS,
    leaseMs: value.IDEM_LEASE_MS,
    drainMs: value.IDEM_DRAIN_MS,
    killGraceMs: value.IDEM_KILL_GRACE_MS,
    logLimitBytes: value.IDEM_LOG_LIMIT_BYTES,
  };
}

/** The settings of a start, from the environment. */
import { resolve } from "node:path";
import { z } from "zod";
import { AppError } from "#server/core/errors.ts";
import { isBlocked } from "./port.ts";

const wholeNumber = (least: number, most: number) =>
  z.coerce.number().pipe(z.int().min(least).max(most));

/** Until accounts exist whoever reaches the server is its operator: other machines must not. */
const LOOPBACK = ["127.0.0.1", "localhost", "::1"] as const;

/** For a runner to record what it hands back and to close its connections. */
const HAND_BACK_MS = 15_000;

const schema = z.object({
  PORT: wholeNumber(1, 65_535)
    .refine((port) => !isBlocked(port))
    .default(3000),
  HOST: z.enum(LOOPBACK).default("127.0.0.1"),
  IDEM_HOME: z.string().min(1).default(".idem"),
  DATABASE_URL: z.string().min(1).optional(),
  IDEM_RUNNERS: wholeNumber(0, 64).default(1),
  IDEM_SLOTS: wholeNumber(1, 1_000).optional(),
  IDEM_DRAIN_MS: wholeNumber(0, 3_600_000).default(10_000),
  IDEM_KILL_GRACE_MS: wholeNumber(0, 600_000).default(5_000),
  IDEM_FLOWS: z.string().min(1).default("flows"),
});

export interface Settings {
  port: number;
  host: (typeof LOOPBACK)[number];
  /** Absolute path. */
  home: string;
  /** Absent: the embedded PostgreSQL below `home`. */
  databaseUrl: string | undefined;
  /** Number of local runner processes. */
  runners: number;
  /** Task slots per runner; absent: the runner's own default. */
  slots: number | undefined;
  /** Absolute path of the folder with flow definitions. */
  flows: string;
  /** How long a runner that is asked to stop may take to end its tasks, or hand them back. */
  runnerStopMs: number;
}

const fixes: Record<string, string> = {
  PORT: "Give a number from 1 to 65535, but none that browsers refuse, such as 22 or 6000.",
  HOST: "Leave it at 127.0.0.1: there are no accounts yet, so Idem listens on this machine only.",
  IDEM_RUNNERS: "Give a number from 0 to 64.",
  IDEM_SLOTS: "Give a number from 1 to 1000.",
  IDEM_DRAIN_MS: "Give a number of milliseconds, at most an hour.",
  IDEM_KILL_GRACE_MS: "Give a number of milliseconds, at most ten minutes.",
};

/**
 * @param env variables; an empty one counts as not set
 * @throws AppError INVALID_INPUT naming the first setting that is wrong
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const given = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => name in schema.shape && value !== ""),
  );
  const result = schema.safeParse(given);
  if (!result.success) {
    const name = String(result.error.issues[0]?.path[0]);
    throw new AppError("INVALID_INPUT", `${name}=${given[name]} is not accepted.`, {
      fix: fixes[name] ?? "Correct or remove it.",
    });
  }
  const value = result.data;
  return {
    port: value.PORT,
    host: value.HOST,
    home: resolve(value.IDEM_HOME),
    databaseUrl: value.DATABASE_URL,
    runners: value.IDEM_RUNNERS,
    slots: value.IDEM_SLOTS,
    flows: resolve(value.IDEM_FLOWS),
    runnerStopMs: value.IDEM_DRAIN_MS + value.IDEM_KILL_GRACE_MS + HAND_BACK_MS,
  };
}

/** The address a person opens. */
export function addressOf(settings: Pick<Settings, "host" | "port">): string {
  const host = settings.host.includes(":") ? `[${settings.host}]` : settings.host;
  return `http://${host}:${settings.port}`;
}

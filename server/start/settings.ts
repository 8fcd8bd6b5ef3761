/** The settings of a start, from the environment. */
import { resolve } from "node:path";
import { z } from "zod";
import { AppError } from "#server/core/errors.ts";

const wholeNumber = (least: number, most: number) =>
  z.coerce.number().pipe(z.int().min(least).max(most));

/** Until accounts exist whoever reaches the server is its operator: other machines must not. */
const LOOPBACK = ["127.0.0.1", "localhost", "::1"] as const;

const schema = z.object({
  PORT: wholeNumber(1, 65_535).default(3000),
  HOST: z.enum(LOOPBACK).default("127.0.0.1"),
  IDEM_HOME: z.string().min(1).default(".idem"),
  DATABASE_URL: z.string().min(1).optional(),
  IDEM_RUNNERS: wholeNumber(0, 64).default(1),
  IDEM_SLOTS: wholeNumber(1, 1_000).optional(),
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
}

const fixes: Record<string, string> = {
  PORT: "Give a number from 1 to 65535.",
  HOST: "Leave it at 127.0.0.1: there are no accounts yet, so Idem listens on this machine only.",
  IDEM_RUNNERS: "Give a number from 0 to 64.",
  IDEM_SLOTS: "Give a number from 1 to 1000.",
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
  };
}

/** The address a person opens. */
export function addressOf(settings: Pick<Settings, "host" | "port">): string {
  const host = settings.host.includes(":") ? `[${settings.host}]` : settings.host;
  return `http://${host}:${settings.port}`;
}

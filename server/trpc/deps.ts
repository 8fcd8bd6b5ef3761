import { AppError } from "#server/core/errors.ts";
import { createPool, createPrisma } from "#server/db/connection.ts";
import { openLiveHub } from "#server/engine/live.ts";
import { log } from "#server/log.ts";
import type { Context } from "./init.ts";

/** Connections of one web process. Pages, API and live views share them. */
const poolSize = 10;
/** A person should not wait longer for what somebody else has locked, nor should others wait for them. */
const lockMs = 5_000;

declare global {
  // Kept outside the module: the bundler may load this file once for pages and once for the API.
  var idemDeps: Context["deps"] | undefined;
}

/** @throws AppError UNAVAILABLE when DATABASE_URL is not set */
export function webDeps(): Context["deps"] {
  globalThis.idemDeps ??= open();
  return globalThis.idemDeps;
}

function open(): Context["deps"] {
  const url = process.env.DATABASE_URL;
  if (url === undefined || url === "") {
    throw new AppError("UNAVAILABLE", "The web process has no database.", {
      fix: "Start Idem with npm start.",
    });
  }
  const onBroken = (error: unknown) => log.warn({ error }, "a database connection broke");
  const pool = createPool(url, {
    name: "idem web",
    max: poolSize,
    lockMs,
    onError: onBroken,
  });
  return { pool, prisma: createPrisma(pool), live: openLiveHub(url, onBroken) };
}

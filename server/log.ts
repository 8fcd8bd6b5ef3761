import pino from "pino";

/** The process's own log: one JSON object a line on standard error. */
export const log = pino(
  { level: process.env.IDEM_LOG_LEVEL ?? "info", base: { pid: process.pid } },
  pino.destination(2),
);

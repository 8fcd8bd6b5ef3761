import { createServer } from "node:net";
import { AppError } from "#server/core/errors.ts";

/**
 * Checks early, before anything is started, that the address can be listened on.
 * @throws AppError UNAVAILABLE when it cannot
 */
export function checkPort(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (error) => reject(portError(port, error)));
    probe.listen({ host, port }, () => probe.close(() => resolve()));
  });
}

/** The sentence for an address that cannot be listened on. */
export function portError(port: number, cause: Error): AppError {
  const code = "code" in cause ? cause.code : "";
  if (code === "EADDRINUSE") {
    return new AppError("UNAVAILABLE", `Port ${port} is in use by another program.`, {
      fix: "Stop it, or set PORT to a free one.",
      cause,
    });
  }
  const why = code === "EACCES" ? "this account may not use it" : cause.message;
  return new AppError("UNAVAILABLE", `Port ${port} cannot be used: ${why}.`, {
    fix: "Set PORT to another one, above 1023 for an ordinary account.",
    cause,
  });
}

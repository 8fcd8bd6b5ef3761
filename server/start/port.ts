import { createServer } from "node:net";
import { AppError } from "#server/core/errors.ts";

/**
 * Ports at which browsers, and Node.js, open nothing.
 * Source: Fetch Standard, "Port blocking"
 */
const BLOCKED: ReadonlySet<number> = new Set([
  ...[0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95],
  ...[101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179],
  ...[389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587],
  ...[601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000],
  ...[6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080],
]);

/** True for a port at which nobody could open a page. */
export const isBlocked = (port: number): boolean => BLOCKED.has(port);

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

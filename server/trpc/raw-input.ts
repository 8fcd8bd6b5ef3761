import { AppError } from "#server/core/errors.ts";
import { inputFault } from "#server/core/input-fault.ts";

/** Deeper input than any procedure asks for. */
const MAX_DEPTH = 100;

/** @throws AppError INVALID_INPUT for what no procedure may be given */
export function refuseHostile(input: unknown): void {
  const fault = inputFault(input, MAX_DEPTH);
  if (fault === null) return;
  throw new AppError("INVALID_INPUT", fault, { fix: "Remove it and send the request again." });
}

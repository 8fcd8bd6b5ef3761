import { AppError } from "../errors.ts";

/**
 * The refusal for a run that is not there, the same wherever it is asked for.
 * @throws AppError NOT_FOUND, always
 */
export function noSuchRun(id: string): never {
  throw new AppError("NOT_FOUND", `There is no run ${id}.`, { fix: "Look at the list of runs." });
}

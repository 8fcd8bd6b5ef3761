/** What an error says about a statement: of the connection, of this machine, or of what was asked for. */

/**
 * True when an error says nothing about the statement but that the connection or the server failed:
 * whether the statement took effect is unknown then.
 */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error) || isFileError(error)) return false;
  const code = "code" in error ? error.code : undefined;
  // Errors of the server carry a five-character SQLSTATE; those of sockets and timeouts do not.
  if (typeof code !== "string" || !/^[0-9A-Z]{5}$/.test(code)) return true;
  return /^(08|57P0[1-5]|53300|25P03)/.test(code);
}

/** What a system says when it has run out of room or of descriptors, which others may give back. */
const SHORTAGES: readonly string[] = ["ENOSPC", "EDQUOT", "EMFILE", "ENFILE"];

/** What a system says when files or folders cannot be made, read or written. */
const FILE_ERRORS = new Set([
  ...["EACCES", "EEXIST", "EIO", "EISDIR", "ELOOP", "ENAMETOOLONG", "ENOENT", "ENOTDIR"],
  ...["EFBIG", "ENOTEMPTY", "EPERM", "EROFS"],
  ...SHORTAGES,
]);

/** True for an error of this machine's files, which says nothing about the database. */
function isFileError(error: Error): boolean {
  if (!("code" in error && FILE_ERRORS.has(String(error.code)))) return false;
  // A server that is away leaves no socket in its folder, and a connection takes a descriptor too.
  return !("syscall" in error && error.syscall === "connect");
}

/** True when this machine lacks room or descriptors for a while. */
export function isShortage(error: unknown): boolean {
  if (!(error instanceof Error) || !isFileError(error)) return false;
  return "code" in error && SHORTAGES.includes(String(error.code));
}

/** What PostgreSQL says when a lock was not to be had in time. */
const LOCK_NOT_AVAILABLE = "55P03";

/** True when another session had locked what the statement needs; nothing took effect. */
export function isLocked(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === LOCK_NOT_AVAILABLE;
}

/** Errors after which the same statement may well succeed. */
export function isRetryable(error: unknown): boolean {
  if (isConnectionError(error) || isLocked(error)) return true;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^(40001|40P01|53|57014|58)/.test(code);
}

/**
 * The one error type that crosses layers. Transports map `code` to a status; people read
 * `message` (the cause) and `fix` (what to do), each one sentence.
 */

/** Codes of problems in a flow definition. Stable: scripts and tests rely on them. */
export const definitionCodes = [
  "SYNTAX",
  "DOCTYPE_FORBIDDEN",
  "ALIAS_LIMIT",
  "TOO_LARGE",
  "TOO_DEEP",
  "UNKNOWN_KEY",
  "MISSING_KEY",
  "WRONG_TYPE",
  "INVALID_VALUE",
  "FORBIDDEN_KEY",
  "DUPLICATE_KEY",
  "DUPLICATE_TASK",
  "UNKNOWN_TASK",
  "UNKNOWN_TASK_TYPE",
  "NO_TASKS",
  "TOO_MANY_TASKS",
  "CYCLE",
  "INVALID_DURATION",
  "INVALID_CRON",
  "INVALID_TIMEZONE",
  "INVALID_PARAM_SCHEMA",
  "INVALID_DEFAULT",
  "TEMPLATE_SYNTAX",
  "TEMPLATE_UNKNOWN_VARIABLE",
  "TEMPLATE_UNKNOWN_FILTER",
  "TEMPLATE_LIMIT",
  "INVALID_CONDITION",
  "FILE_NOT_FOUND",
  "FILE_OUTSIDE",
  "BUNDLE_FAILED",
  "DUPLICATE_FLOW",
] as const;
export type DefinitionCode = (typeof definitionCodes)[number];

/** Codes of refused requests and failed operations. */
export const requestCodes = [
  "INVALID_INPUT",
  "INVALID_PARAMS",
  "INTERVAL_REQUIRED",
  "INVALID_FLOW_TASK",
  "INVALID_DEFINITION",
  "NOT_FOUND",
  "CONFLICT",
  "STALE_PLAN",
  "IDEMPOTENCY_MISMATCH",
  "IDENTITY_DIFFERS",
  "GUARD_REASON_REQUIRED",
  "NOTHING_TO_RUN",
  "FLOW_ARCHIVED",
  "ALREADY_ENDED",
  "FORBIDDEN",
  "PAYLOAD_TOO_LARGE",
  "UNAVAILABLE",
  "INTERNAL",
] as const;
export type RequestCode = (typeof requestCodes)[number];

export type ErrorCode = DefinitionCode | RequestCode;

/** A place in a source file. `line` and `column` are 1-based. */
export interface Position {
  file: string;
  line: number;
  column: number;
}

/** One problem found in a definition. A definition is refused with all of its problems at once. */
export interface Problem {
  code: DefinitionCode;
  message: string;
  fix: string;
  position: Position;
}

export interface AppErrorDetails {
  fix?: string | undefined;
  problems?: readonly Problem[] | undefined;
  /** Machine-readable context, JSON only: differing fields, stale plan hash, field errors. */
  data?: Readonly<Record<string, unknown>> | undefined;
  cause?: unknown;
}

export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly fix: string | undefined;
  readonly problems: readonly Problem[];
  readonly data: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, message: string, details: AppErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.fix = details.fix;
    this.problems = details.problems ?? [];
    this.data = details.data;
  }
}

/** `file:line:column: code: message`, the form compilers use and editors can jump to. */
export function formatProblem(problem: Problem): string {
  const { file, line, column } = problem.position;
  return `${file}:${line}:${column}: ${problem.code}: ${problem.message} ${problem.fix}`;
}

/** Exhaustiveness check for switches over closed unions. */
export function unreachable(value: never): never {
  throw new AppError("INTERNAL", `Unexpected value: ${JSON.stringify(value)}`);
}

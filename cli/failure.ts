/** What a command can end with besides success, and how each is told. */
import type { ErrorCode, Problem } from "#server/core/errors.ts";

/** Contract with scripts. */
export const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export interface FailureDetails {
  fix?: string | undefined;
  problems?: readonly Problem[] | undefined;
  data?: Readonly<Record<string, unknown>> | undefined;
}

export class Failure extends Error {
  override readonly name = "Failure";
  readonly code: ErrorCode | "USAGE";
  readonly details: FailureDetails;

  constructor(code: ErrorCode | "USAGE", message: string, details: FailureDetails = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }

  get exitCode(): ExitCode {
    return this.code === "USAGE" ? exitCodes.usage : exitCodes.failed;
  }
}

export interface ErrorJson {
  error: {
    code: string;
    message: string;
    file?: string;
    line?: number;
    column?: number;
    fix?: string;
    /** All of them when there are several; the first one's place is the error's own. */
    problems?: readonly Problem[];
    data?: Readonly<Record<string, unknown>>;
  };
}

/** The one JSON value of a failed command. A definition's first problem gives code and place. */
export function toErrorJson({ code, message, details }: Failure): ErrorJson {
  const { problems = [], fix, data } = details;
  const [first] = problems;
  if (first !== undefined) {
    return {
      error: {
        code: first.code,
        message: first.message,
        ...first.position,
        fix: first.fix,
        problems,
      },
    };
  }
  return {
    error: {
      code,
      message,
      ...(fix === undefined ? {} : { fix }),
      ...(data === undefined ? {} : { data }),
    },
  };
}

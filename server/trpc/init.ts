import { initTRPC, TRPCError } from "@trpc/server";
import { z } from "zod";
import type { Actor } from "#server/auth/actor.ts";
import { AppError, type ErrorCode, type Problem } from "#server/core/errors.ts";
import { isLocked } from "#server/db/failures.ts";
import type { LiveHub } from "#server/engine/live.ts";
import type { Deps } from "#server/usecases/deps.ts";
import { refuseHostile } from "./raw-input.ts";

export interface Context {
  deps: Deps & { live: LiveHub };
  actor: Actor;
  /** Given to people with an error, and written to the log with its cause. */
  requestId: string;
}

/** What a client learns of an error, beside tRPC's own fields. */
export interface ErrorBody {
  code: ErrorCode;
  message: string;
  fix?: string;
  problems?: readonly Problem[];
  data?: Readonly<Record<string, unknown>>;
  requestId: string;
}

type TransportCode = TRPCError["code"];

const definitionProblem: TransportCode = "UNPROCESSABLE_CONTENT";

/** Every code has a status; a forgotten one does not compile. */
const statusOf = {
  INVALID_INPUT: "BAD_REQUEST",
  INVALID_PARAMS: "BAD_REQUEST",
  INTERVAL_REQUIRED: "BAD_REQUEST",
  INVALID_FLOW_TASK: "BAD_REQUEST",
  INVALID_DEFINITION: definitionProblem,
  NOT_FOUND: "NOT_FOUND",
  CONFLICT: "CONFLICT",
  STALE_PLAN: "CONFLICT",
  IDEMPOTENCY_MISMATCH: "CONFLICT",
  IDENTITY_DIFFERS: "CONFLICT",
  GUARD_REASON_REQUIRED: "PRECONDITION_FAILED",
  NOTHING_TO_RUN: "CONFLICT",
  FLOW_ARCHIVED: "CONFLICT",
  ALREADY_ENDED: "CONFLICT",
  FORBIDDEN: "FORBIDDEN",
  PAYLOAD_TOO_LARGE: "PAYLOAD_TOO_LARGE",
  UNAVAILABLE: "SERVICE_UNAVAILABLE",
  INTERNAL: "INTERNAL_SERVER_ERROR",
} as const satisfies Partial<Record<ErrorCode, TransportCode>>;

const isRequestCode = (code: ErrorCode): code is keyof typeof statusOf => code in statusOf;

/** What people can be told the reason of. */
const isTold = (error: unknown): boolean => error instanceof AppError || isLocked(error);

/** Wraps an error for transport; one that is not meant for people stays an internal error. */
export function toTransportError(error: unknown): TRPCError {
  if (error instanceof TRPCError) return error;
  if (isLocked(error)) {
    const locked = new AppError("UNAVAILABLE", "Another session has locked what this needs.", {
      fix: "Try again in a moment; if it goes on, look for an open transaction in the database.",
      cause: error,
    });
    return toTransportError(locked);
  }
  if (error instanceof AppError) {
    const code = isRequestCode(error.code) ? statusOf[error.code] : definitionProblem;
    return new TRPCError({ code, message: error.message, cause: error });
  }
  return new TRPCError({ code: "INTERNAL_SERVER_ERROR", message: "Internal error", cause: error });
}

/** The body for an error of any origin. What went wrong inside is never told, only where to look. */
export function errorBody(error: TRPCError, requestId: string): ErrorBody {
  const { cause } = error;
  if (cause instanceof AppError) {
    return {
      code: cause.code,
      message: cause.message,
      ...(cause.fix === undefined ? {} : { fix: cause.fix }),
      ...(cause.problems.length === 0 ? {} : { problems: cause.problems }),
      ...(cause.data === undefined ? {} : { data: cause.data }),
      requestId,
    };
  }
  if (cause instanceof z.ZodError) {
    const [issue] = cause.issues;
    const place = issue === undefined || issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
    return {
      code: "INVALID_INPUT",
      message: `${place}${issue?.message ?? "The request is invalid."}`,
      fix: "Correct the request and send it again.",
      data: { fields: cause.issues.map(({ path, message }) => ({ path, message })) },
      requestId,
    };
  }
  if (error.code === "NOT_FOUND") {
    return { code: "NOT_FOUND", message: error.message, requestId };
  }
  if (error.code === "BAD_REQUEST" || error.code === "PARSE_ERROR") {
    return { code: "INVALID_INPUT", message: "The request could not be read.", requestId };
  }
  if (error.code === "METHOD_NOT_SUPPORTED" || error.code === "UNSUPPORTED_MEDIA_TYPE") {
    return {
      code: "INVALID_INPUT",
      message: `${error.message}.`,
      fix: "Send changes by POST with the content type application/json, and ask by GET.",
      requestId,
    };
  }
  return {
    code: "INTERNAL",
    message: "Something went wrong on the server.",
    fix: `Try again; the server's log has the cause under request ${requestId}.`,
    requestId,
  };
}

const t = initTRPC.context<Context>().create({
  sse: {
    ping: { enabled: true, intervalMs: 2_000 },
    client: { reconnectAfterInactivityMs: 5_000 },
  },
  errorFormatter: ({ shape, error, ctx }) => {
    const body = errorBody(error, ctx?.requestId ?? "unknown");
    return {
      code: shape.code,
      message: body.message,
      data: { code: shape.data.code, httpStatus: shape.data.httpStatus, app: body },
    };
  },
});

const translate = t.middleware(async ({ next }) => {
  const result = await next();
  if (!result.ok && result.error.cause !== undefined) {
    const { cause } = result.error;
    if (isTold(cause)) throw toTransportError(cause);
  }
  return result;
});

const screen = t.middleware(async ({ getRawInput, next }) => {
  refuseHostile(await getRawInput());
  return next();
});

export const router = t.router;
export const procedure = t.procedure.use(translate).use(screen);
export const createCallerFactory = t.createCallerFactory;

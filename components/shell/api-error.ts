import {
  definitionCodes,
  type ErrorCode,
  type Problem,
  requestCodes,
} from "#server/core/errors.ts";
import { z } from "./zod.ts";

const codes = new Set<string>([...definitionCodes, ...requestCodes]);

const shape = z.object({
  code: z.string().refine((code): code is ErrorCode => codes.has(code)),
  message: z.string(),
  fix: z.string().optional(),
  problems: z
    .array(
      z.object({
        code: z.enum(definitionCodes),
        message: z.string(),
        fix: z.string(),
        position: z.object({ file: z.string(), line: z.number(), column: z.number() }),
      }),
    )
    .optional(),
  data: z.record(z.string(), z.unknown()).optional(),
  requestId: z.string(),
});

export interface ApiError {
  code: ErrorCode;
  message: string;
  fix: string | null;
  problems: Problem[];
  data: Readonly<Record<string, unknown>>;
  /** Names the request in the server's log. */
  requestId: string;
}

/**
 * What the server said when it refused a call, or null when it did not answer at all (the network,
 * a proxy). Accepts anything thrown by a tRPC call.
 */
export function apiErrorOf(thrown: unknown): ApiError | null {
  if (typeof thrown !== "object" || thrown === null) return null;
  const data = (thrown as { data?: { app?: unknown } }).data;
  const parsed = shape.safeParse(data?.app);
  if (!parsed.success) return null;
  const { code, message, fix, problems, data: more, requestId } = parsed.data;
  return { code, message, fix: fix ?? null, problems: problems ?? [], data: more ?? {}, requestId };
}

/**
 * Reads errors of the API. Written by hand rather than with a schema library, because every page
 * needs it and the library is larger than all the rest of the shell.
 */
import {
  type DefinitionCode,
  definitionCodes,
  type ErrorCode,
  type Problem,
  requestCodes,
} from "#server/core/errors.ts";

export interface ApiError {
  code: ErrorCode;
  message: string;
  fix: string | null;
  problems: Problem[];
  data: Readonly<Record<string, unknown>>;
  /** Names the request in the server's log. */
  requestId: string;
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isDefinitionCode = (value: unknown): value is DefinitionCode =>
  (definitionCodes as readonly unknown[]).includes(value);

const isCode = (value: unknown): value is ErrorCode =>
  isDefinitionCode(value) || (requestCodes as readonly unknown[]).includes(value);

function problemOf(value: unknown): Problem[] {
  if (!isFields(value) || !isFields(value.position)) return [];
  const { code, message, fix } = value;
  const { file, line, column } = value.position;
  if (!isDefinitionCode(code) || typeof message !== "string" || typeof fix !== "string") return [];
  if (typeof file !== "string" || typeof line !== "number" || typeof column !== "number") return [];
  return [{ code, message, fix, position: { file, line, column } }];
}

/**
 * What the server said when it refused a call, or null when it did not answer at all (the network,
 * a proxy). Accepts anything thrown by a tRPC call.
 */
export function apiErrorOf(thrown: unknown): ApiError | null {
  if (typeof thrown !== "object" || thrown === null || !("data" in thrown)) return null;
  const app = isFields(thrown.data) ? thrown.data.app : undefined;
  if (!isFields(app)) return null;
  const { code, message, fix, problems, data, requestId } = app;
  if (!isCode(code) || typeof message !== "string" || typeof requestId !== "string") return null;
  return {
    code,
    message,
    fix: typeof fix === "string" ? fix : null,
    problems: Array.isArray(problems) ? problems.flatMap(problemOf) : [],
    data: isFields(data) ? data : {},
    requestId,
  };
}

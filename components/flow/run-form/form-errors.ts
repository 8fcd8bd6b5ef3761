/** Errors of parameters from the browser's check and from the server, placed at their fields. */
import type { ErrorSchema } from "@rjsf/utils";
import type { ApiError } from "#components/shell/api-error.ts";

export interface FieldError {
  path: (string | number)[];
  message: string;
}

interface ServerField {
  param: string;
  pointer: string;
  message: string;
}

function isServerField(value: unknown): value is ServerField {
  if (typeof value !== "object" || value === null) return false;
  const { param, pointer, message } = value as Partial<Record<keyof ServerField, unknown>>;
  return [param, pointer, message].every((field) => typeof field === "string");
}

/** RFC 6901. Positions in lists stay text: as keys they address the same place. */
function partsOf(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/**
 * Splits a refusal by the server into errors of fields and the rest.
 * @returns `general` is null when every error belongs to a field
 */
export function splitRefusal(error: ApiError): { fields: FieldError[]; general: string | null } {
  const given = error.data.fields;
  if (error.code !== "INVALID_PARAMS" || !Array.isArray(given) || !given.every(isServerField)) {
    return { fields: [], general: error.message };
  }
  const fields = given
    .filter((field) => field.param !== "")
    .map(({ param, pointer, message }) => ({ path: [param, ...partsOf(pointer)], message }));
  const whole = given.find((field) => field.param === "");
  return { fields, general: whole?.message ?? (fields.length === 0 ? error.message : null) };
}

interface ErrorNode {
  __errors?: string[];
  [key: string]: ErrorNode | string[] | undefined;
}

/** The tree in which the form looks up the errors of each field. */
export function errorTree(errors: readonly FieldError[]): ErrorSchema {
  const root: ErrorNode = Object.create(null) as ErrorNode;
  for (const { path, message } of errors) {
    let node = root;
    for (const part of path) {
      const child = node[part];
      const next: ErrorNode =
        child === undefined || Array.isArray(child) ? (Object.create(null) as ErrorNode) : child;
      node[part] = next;
      node = next;
    }
    node.__errors = [...(node.__errors ?? []), message];
  }
  return root as ErrorSchema;
}

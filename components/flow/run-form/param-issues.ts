/**
 * Checks the values of a form against the schemas of a flow's parameters, for help while typing. The
 * server checks again and decides; what this check cannot judge, it lets pass.
 */
import { config, fromJSONSchema, type ZodType, type z } from "zod";
import type { Json, ParamSchema } from "#server/core/flow/spec.ts";

export type IssueKey =
  | "required"
  | "type"
  | "choice"
  | "minLength"
  | "maxLength"
  | "minimum"
  | "maximum"
  | "above"
  | "below"
  | "minItems"
  | "maxItems"
  | "multipleOf"
  | "pattern"
  | "date"
  | "dateTime"
  | "unknownKey"
  | "other";

export interface ParamIssue {
  /** Name of the parameter, then keys and positions inside its value. */
  path: (string | number)[];
  key: IssueKey;
  values: Record<string, string | number>;
}

// The compiled fast path needs `eval`, which the pages' security policy forbids and reports.
config({ jitless: true });

const compiled = new WeakMap<ParamSchema, ZodType | null>();

/** The validator of one schema, or null for keywords it does not know. */
function validatorOf(schema: ParamSchema): ZodType | null {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  let made: ZodType | null;
  try {
    // `required: true|false` beside a type is a word of flows, not of JSON Schema.
    const { required, default: _, ...rest } = schema;
    made = fromJSONSchema(Array.isArray(required) ? { ...rest, required } : rest);
  } catch {
    made = null;
  }
  compiled.set(schema, made);
  return made;
}

/** True when the value fits, or when this check cannot tell. */
export function fits(schema: ParamSchema, value: unknown): boolean {
  return validatorOf(schema)?.safeParse(value).success ?? true;
}

type ZodIssue = z.core.$ZodIssue;

function sizeIssue(issue: Extract<ZodIssue, { code: "too_small" | "too_big" }>): {
  key: IssueKey;
  limit: number;
} {
  const small = issue.code === "too_small";
  const limit = Number(small ? issue.minimum : issue.maximum);
  if (issue.origin === "string") return { key: small ? "minLength" : "maxLength", limit };
  if (issue.origin === "array") return { key: small ? "minItems" : "maxItems", limit };
  if (issue.inclusive === false) return { key: small ? "above" : "below", limit };
  return { key: small ? "minimum" : "maximum", limit };
}

function explain(issue: ZodIssue): { key: IssueKey; values: ParamIssue["values"] } {
  switch (issue.code) {
    case "invalid_type":
      return { key: "type", values: { expected: issue.expected } };
    case "invalid_value":
      return { key: "choice", values: { choices: issue.values.map(String).join(", ") } };
    case "too_small":
    case "too_big": {
      const { key, limit } = sizeIssue(issue);
      return { key, values: { limit } };
    }
    case "not_multiple_of":
      return { key: "multipleOf", values: { divisor: issue.divisor } };
    case "unrecognized_keys":
      return { key: "unknownKey", values: { name: issue.keys[0] ?? "" } };
    case "invalid_format":
      if (issue.format === "date") return { key: "date", values: {} };
      if (issue.format === "datetime") return { key: "dateTime", values: {} };
      if (issue.format === "regex") {
        return { key: "pattern", values: { pattern: issue.pattern ?? "" } };
      }
      return { key: "other", values: {} };
    default:
      return { key: "other", values: {} };
  }
}

/**
 * @param required names of parameters that must be given
 * @returns one issue for each place that is wrong, in the order of the schemas
 */
export function paramIssues(
  schemas: Readonly<Record<string, ParamSchema>>,
  required: readonly string[],
  values: Readonly<Record<string, Json>>,
): ParamIssue[] {
  const issues: ParamIssue[] = [];
  for (const [name, schema] of Object.entries(schemas)) {
    const value = values[name];
    if (value === undefined) {
      if (required.includes(name)) issues.push({ path: [name], key: "required", values: {} });
      continue;
    }
    const result = validatorOf(schema)?.safeParse(value);
    for (const issue of result?.error?.issues ?? []) {
      const path = issue.path.filter((part) => typeof part !== "symbol");
      issues.push({ path: [name, ...path], ...explain(issue) });
    }
  }
  return issues;
}

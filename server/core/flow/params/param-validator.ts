import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { canonicalJson } from "../canonical.ts";
import type { ParamSchema } from "../spec.ts";
import { compilePattern } from "./pattern.ts";

/** Formats that parameters may ask for. Others are refused rather than ignored. */
export const paramFormats = [
  "date",
  "date-time",
  "time",
  "duration",
  "email",
  "hostname",
  "ipv4",
  "ipv6",
  "uri",
  "uuid",
] as const;

const patternEngine = Object.assign((source: string) => compilePattern(source), {
  code: "compilePattern",
});

const ajv = new Ajv2020({
  strict: true,
  strictRequired: false,
  allowUnionTypes: true,
  allErrors: true,
  addUsedSchema: false,
  logger: false,
  code: { regExp: patternEngine },
});
addFormats.default(ajv, [...paramFormats]);

/** Compiled validators by canonical schema; the oldest goes first when there are too many. */
const cache = new Map<string, ValidateFunction>();
const CACHED = 500;

/** Keywords that say nothing about which values fit; `required: true | false` is Idem's own. */
const annotations: ReadonlySet<string> = new Set([
  "$comment",
  "default",
  "deprecated",
  "description",
  "examples",
  "readOnly",
  "title",
  "writeOnly",
]);

/** The schema without what does not matter for validation, so that more parameters share one. */
function assertionsOf(schema: ParamSchema): ParamSchema {
  return Object.fromEntries(
    Object.entries(schema).filter(
      ([keyword, value]) =>
        !annotations.has(keyword) && !(keyword === "required" && typeof value === "boolean"),
    ),
  );
}

/**
 * A function that tells whether a value fits the schema and keeps the errors of its last call.
 * @throws Error with Ajv's message when the schema itself is not valid
 */
export function paramValidator(schema: ParamSchema): ValidateFunction {
  const standard = assertionsOf(schema);
  const key = canonicalJson(standard);
  const known = cache.get(key);
  if (known !== undefined) return known;
  let validate: ValidateFunction;
  try {
    validate = ajv.compile(standard);
  } finally {
    ajv.removeSchema(standard);
  }
  const [oldest] = cache.keys();
  if (cache.size >= CACHED && oldest !== undefined) cache.delete(oldest);
  cache.set(key, validate);
  return validate;
}

/** Errors of a schema against the meta-schema of JSON Schema 2020-12; empty when it is valid. */
export function metaSchemaErrors(schema: ParamSchema): { pointer: string; message: string }[] {
  const { required, ...rest } = schema;
  const standard = typeof required === "boolean" || required === undefined ? rest : schema;
  if (ajv.validateSchema(standard) === true) return [];
  return (ajv.errors ?? []).map((error) => ({
    pointer: error.instancePath,
    message: explainError(error),
  }));
}

const typeWords: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  null: "null",
};

const formatExamples: Readonly<Record<string, string>> = {
  date: "2026-01-31",
  "date-time": "2026-01-31T09:00:00Z",
  time: "09:00:00Z",
};

/** What a value breaks, to follow the name of the value: "must be a whole number". */
export function explainError(error: ErrorObject): string {
  const params = error.params as Readonly<Record<string, unknown>>;
  switch (error.keyword) {
    case "type": {
      const types = [params.type].flat().map((type) => typeWords[String(type)] ?? String(type));
      return `must be ${types.join(" or ")}`;
    }
    case "enum": {
      const allowed = [params.allowedValues].flat().map((value) => JSON.stringify(value));
      return `must be one of ${allowed.slice(0, 12).join(", ")}${allowed.length > 12 ? ", …" : ""}`;
    }
    case "format": {
      const example = formatExamples[String(params.format)];
      return `must have the format ${params.format}${example === undefined ? "" : `, such as ${example}`}`;
    }
    case "additionalProperties":
      return `must not have the key "${params.additionalProperty}"`;
    default:
      return error.message ?? "is not valid";
  }
}

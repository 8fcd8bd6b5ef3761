import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { canonicalJson } from "./canonical.ts";
import { compilePattern } from "./pattern.ts";
import type { ParamSchema } from "./spec.ts";

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

/**
 * The schema as JSON Schema knows it: without `required: true | false`, which is Idem's own.
 */
export function jsonSchemaOf(schema: ParamSchema): ParamSchema {
  if (typeof schema.required !== "boolean") return schema;
  const { required: _, ...standard } = schema;
  return standard;
}

/**
 * A function that tells whether a value fits the schema and keeps the errors of its last call.
 * @throws Error with Ajv's message when the schema itself is not valid
 */
export function paramValidator(schema: ParamSchema): ValidateFunction {
  const standard = jsonSchemaOf(schema);
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
  if (ajv.validateSchema(jsonSchemaOf(schema)) === true) return [];
  return (ajv.errors ?? []).map((error) => ({
    pointer: error.instancePath,
    message: error.message ?? "is not valid",
  }));
}

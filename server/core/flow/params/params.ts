import type { ErrorObject } from "ajv/dist/2020.js";
import { canonicalJson } from "../canonical.ts";
import { isForbiddenKey, textFault } from "../names.ts";
import { didYouMean } from "../read/suggest.ts";
import type { Json, ParamSchema } from "../spec.ts";
import { explainError, paramValidator } from "./param-validator.ts";

/** Limits of the values of one run: bytes of canonical JSON, nested levels, values in all. */
export const MAX_PARAMS_BYTES = 256 * 1024;
export const MAX_PARAM_DEPTH = 32;
export const MAX_PARAM_VALUES = 10_000;

/** What is wrong with the value of one parameter, in one sentence. */
export interface ParamError {
  /** Name of the parameter; "" when the values as a whole are refused. */
  param: string;
  /** JSON pointer to the place inside the value; "" for the value itself. */
  pointer: string;
  message: string;
}

export type ResolvedParams =
  | { ok: true; value: Record<string, Json> }
  | { ok: false; errors: ParamError[] };

/**
 * The parameters of a run: what was given, and the default for each other one. Every parameter of
 * the flow has a value afterwards; null stands for an optional one that was not given.
 * @param schemas the flow's parameters by name
 * @param given   values by name; null for an optional parameter counts as not given
 * @returns one error for each place that is wrong
 */
export function resolveParams(
  schemas: Readonly<Record<string, ParamSchema>>,
  given: Readonly<Record<string, Json>>,
): ResolvedParams {
  const refusal = refuse(given);
  if (refusal !== null) return { ok: false, errors: [refusal] };
  const errors: ParamError[] = [];
  const names = Object.keys(schemas);
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(schemas, name)) continue;
    const hint = didYouMean(name, names, "The flow has other parameters.");
    const message = names.length === 0 ? "The flow has no parameters." : hint;
    errors.push({
      param: name,
      pointer: "",
      message: `There is no parameter "${name}". ${message}`,
    });
  }
  const value: Record<string, Json> = {};
  for (const [name, schema] of Object.entries(schemas)) {
    const own = Object.hasOwn(given, name) ? given[name] : undefined;
    const optional = !isRequired(schema);
    if (own === undefined || (own === null && optional && !Object.hasOwn(schema, "default"))) {
      if (!optional) {
        const message = `The parameter "${name}" must be given.`;
        errors.push({ param: name, pointer: "", message });
      }
      value[name] = schema.default ?? null;
    } else {
      errors.push(...valueErrors(name, schema, own));
      value[name] = own;
    }
  }
  return errors.length === 0 ? { ok: true, value } : { ok: false, errors };
}

/** How a value breaks the schema of its parameter; empty when it fits. */
export function valueErrors(name: string, schema: ParamSchema, value: Json): ParamError[] {
  const validate = paramValidator(schema);
  if (validate(value)) return [];
  return (validate.errors ?? []).slice(0, 10).map((error) => ({
    param: name,
    pointer: error.instancePath,
    message: explain(name, error),
  }));
}

/** A parameter must be given unless it has a default or says `required: false`. */
export function isRequired(schema: ParamSchema): boolean {
  return !Object.hasOwn(schema, "default") && schema.required !== false;
}

/** Names of the parameters without which a run is refused. */
export function requiredParams(schemas: Readonly<Record<string, ParamSchema>>): string[] {
  return Object.keys(schemas).filter((name) => isRequired(schemas[name] ?? {}));
}

/** Values of the parameters that have a default. */
export function defaultParams(
  schemas: Readonly<Record<string, ParamSchema>>,
): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(schemas).flatMap(([name, { default: value }]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}

/**
 * Understands text from a command line or an XML attribute as the type that the schema asks for:
 * a number, true or false, JSON for lists and maps. Text that does not fit is returned as it is, so
 * that validation can say what is wrong.
 */
export function paramFromText(schema: ParamSchema, text: string): Json {
  const types = [schema.type].flat().filter((type) => typeof type === "string");
  if (types.includes("string")) return text;
  if (types.includes("null") && text === "null") return null;
  if (types.includes("boolean") && (text === "true" || text === "false")) return text === "true";
  const isNumber = types.includes("number") || types.includes("integer");
  if (isNumber && /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)) {
    return Number.isFinite(Number(text)) ? Number(text) : text;
  }
  if (types.includes("array") || types.includes("object")) {
    try {
      return JSON.parse(text) as Json;
    } catch {
      return text; // not JSON: the validator reports the type that it wants
    }
  }
  return text;
}

/** Refuses values that are too large, too deep or hold what no store can keep. */
function refuse(given: Readonly<Record<string, Json>>): ParamError | null {
  let values = 0;
  const visit = (value: Json, depth: number): string | null => {
    values += 1;
    if (values > MAX_PARAM_VALUES) return `hold more than ${MAX_PARAM_VALUES} values`;
    if (depth > MAX_PARAM_DEPTH) return `are nested more than ${MAX_PARAM_DEPTH} deep`;
    if (typeof value === "string") return textFault(value);
    if (typeof value !== "object" || value === null) {
      return typeof value === "number" && !Number.isFinite(value) ? "hold no finite number" : null;
    }
    for (const [key, child] of Object.entries(value)) {
      if (!Array.isArray(value) && isForbiddenKey(key)) return `hold the key "${key}"`;
      const fault = textFault(key) ?? visit(child, depth + 1);
      if (fault !== null) return fault;
    }
    return null;
  };
  for (const name of Object.keys(given)) {
    const fault = isForbiddenKey(name) ? "use a name that is refused" : null;
    const found = fault ?? textFault(name) ?? visit(given[name] ?? null, 1);
    if (found === null) continue;
    const message = `The values of the parameter "${name.slice(0, 80)}" ${found}.`;
    return { param: name, pointer: "", message };
  }
  if (Buffer.byteLength(canonicalJson(given)) <= MAX_PARAMS_BYTES) return null;
  const message = `The parameters are larger than ${MAX_PARAMS_BYTES / 1024} KB together.`;
  return { param: "", pointer: "", message };
}

function explain(name: string, error: ErrorObject): string {
  const place = error.instancePath === "" ? "" : ` at ${error.instancePath}`;
  return `The parameter "${name}"${place} ${explainError(error)}.`;
}

import { isForbiddenKey, PARAM_NAME } from "../names.ts";
import { metaSchemaErrors, paramFormats, paramValidator } from "../params/param-validator.ts";
import { MAX_PARAM_DEPTH, paramFromText, valueErrors } from "../params/params.ts";
import { type KeywordKind, keywords } from "../params/schema-keywords.ts";
import type { Json, ParamSchema } from "../spec.ts";
import { descend, type LocatedNode, type MapEntry, toJson } from "./located.ts";
import type { Reader } from "./reader.ts";
import { didYouMean, quote } from "./suggest.ts";

const MAX_PARAMS = 500;
const MAX_SCHEMA = 64 * 1024;

/** Reads the parameters of a flow: a JSON Schema for each name. */
export function readParams(reader: Reader, node: LocatedNode): Record<string, ParamSchema> {
  const params: Record<string, ParamSchema> = {};
  const map = reader.map("params", node);
  if (map === null) return params;
  if (map.entries.size > MAX_PARAMS) {
    reader.report(
      "TOO_LARGE",
      map.at,
      `A flow has at most ${MAX_PARAMS} parameters.`,
      "Put related values into one parameter of type object.",
    );
    return params;
  }
  for (const entry of map.entries.values()) {
    if (isForbiddenKey(entry.key)) continue; // reported already
    if (!PARAM_NAME.test(entry.key)) {
      reader.report(
        "INVALID_VALUE",
        entry.at,
        `${quote(entry.key)} cannot be the name of a parameter.`,
        "Use letters, digits, _ and -, beginning with a letter or _.",
      );
      continue;
    }
    const schema = readParam(reader, entry);
    // A refused parameter still exists, so that templates which name it are not reported as well.
    params[entry.key] = schema ?? {};
  }
  return params;
}

function readParam(reader: Reader, entry: MapEntry): ParamSchema | null {
  const name = `params.${entry.key}`;
  const map = reader.map(name, entry.value);
  if (map === null) return null;
  const schema = readSchema(reader, map, true) as ParamSchema;
  const invalid = (at: number, message: string, fix: string) =>
    reader.report("INVALID_PARAM_SCHEMA", at, message, fix);
  if (JSON.stringify(schema).length > MAX_SCHEMA) {
    return invalid(entry.at, `The schema of ${quote(name)} is too large.`, "Keep it below 64 KB.");
  }

  const requiredAt = map.entries.get("required")?.at ?? entry.at;
  if (schema.required === true && Object.hasOwn(schema, "default")) {
    return invalid(
      requiredAt,
      `The parameter ${quote(entry.key)} has a default, so it need not be given.`,
      "Remove required or default.",
    );
  }
  const errors = new Map(
    metaSchemaErrors(schema)
      .toReversed() // the first error of each place is the one that counts
      .map(({ pointer, message }) => [pointer, message]),
  );
  for (const [pointer, message] of errors) {
    const steps = pointer.split("/").slice(1).map(unescapePointer);
    const found = descend(map, steps);
    const place = steps.length === 0 ? quote(name) : quote(steps.join("."));
    invalid(found.node.at, `${place} of the schema ${message}.`, "Follow JSON Schema 2020-12.");
  }
  if (errors.size > 0) return null;
  try {
    paramValidator(schema);
  } catch (error) {
    const reason = reasonOf(error);
    const at = faultSpot(reason, map, entry);
    return invalid(at, `The schema of ${quote(name)} is refused: ${reason}.`, fixOf(reason));
  }
  checkDefault(reader, entry, schema);
  return normalise(schema);
}

/** States the same meaning in one way only, so that it hashes the same. */
function normalise(schema: ParamSchema): ParamSchema {
  const { required, ...rest } = schema;
  if (required === true) return rest;
  return required === false && Object.hasOwn(schema, "default") ? rest : schema;
}

function checkDefault(reader: Reader, entry: MapEntry, schema: ParamSchema): void {
  if (schema.default === undefined) return;
  const found = descend(entry.value, ["default"]);
  for (const error of valueErrors(entry.key, schema, schema.default)) {
    const steps = error.pointer.split("/").slice(1).map(unescapePointer);
    reader.report(
      "INVALID_DEFAULT",
      descend(found.node, steps).node.at,
      error.message.replace("The parameter", "The default of the parameter"),
      "Change the default or the schema.",
    );
  }
}

/**
 * Reads a schema, with text understood as the type that each keyword asks for where the format has
 * text only. Reports keywords that JSON Schema does not have, and those that refer elsewhere.
 */
function readSchema(reader: Reader, node: LocatedNode, isParam: boolean, depth = 1): Json {
  if (node.kind === "scalar" && !isParam) return untypedBoolean(node);
  if (node.kind !== "map") return toJson(node);
  if (depth > MAX_PARAM_DEPTH) {
    reader.report(
      "TOO_DEEP",
      node.at,
      `The schema is nested more than ${MAX_PARAM_DEPTH} deep.`,
      "Flatten it.",
    );
    return {};
  }
  const schema: ParamSchema = {};
  const typeNode = node.entries.get("type")?.value;
  const type = typeNode === undefined ? undefined : readTypes(typeNode);
  if (type !== undefined) schema.type = type;
  for (const { key, at, value } of node.entries.values()) {
    if (key === "type" || isForbiddenKey(key)) continue;
    const kind = keywords.get(key);
    if (kind === "refused") {
      reader.report(
        "INVALID_PARAM_SCHEMA",
        at,
        `Schemas of parameters cannot use ${quote(key)}.`,
        "Write the schema out where it is used.",
      );
      continue;
    }
    if (kind === undefined) {
      const known = [...keywords.keys()].filter((word) => keywords.get(word) !== "refused");
      reader.report(
        "UNKNOWN_KEY",
        at,
        `${quote(key)} is no keyword of JSON Schema.`,
        didYouMean(key, known, "Remove it, or look it up in JSON Schema 2020-12."),
      );
      continue;
    }
    schema[key] = readKeyword(reader, kind, key, value, schema, isParam, depth);
  }
  return schema;
}

function readKeyword(
  reader: Reader,
  kind: Exclude<KeywordKind, "refused">,
  key: string,
  value: LocatedNode,
  schema: ParamSchema,
  isParam: boolean,
  depth: number,
): Json {
  const nested = (child: LocatedNode) => readSchema(reader, child, false, depth + 1);
  switch (kind) {
    case "schema":
      return nested(value);
    case "schemas":
      return value.kind === "list" ? value.items.map(nested) : toJson(value);
    case "schemaMap":
      if (value.kind !== "map") return toJson(value);
      return Object.fromEntries([...value.entries.values()].map((e) => [e.key, nested(e.value)]));
    case "number":
      return fromText(value, { type: "number" });
    case "boolean":
      return fromText(value, { type: "boolean" });
    case "value":
      return fromText(value, schema);
    case "values":
      return words(value).map((item) => fromText(item, schema));
    case "names":
      if (key === "required" && isParam) {
        const isTruth = value.kind === "scalar" && typeof untypedBoolean(value) === "boolean";
        if (isTruth) return untypedBoolean(value);
      }
      return value.kind === "list" || (value.kind === "scalar" && value.untyped)
        ? words(value).map(toJson)
        : toJson(value);
    case "text":
      return toJson(value);
    case "other":
      return toJson(value);
  }
}

/** A list as it is; in XML, words with white space between them or a single item. */
function words(node: LocatedNode): LocatedNode[] {
  if (node.kind === "list") return [...node.items];
  if (node.kind !== "scalar" || !node.untyped) return [node];
  return node.source
    .split(/\s+/)
    .filter((word) => word !== "")
    .map((word) => ({ ...node, value: word, source: word }));
}

function fromText(node: LocatedNode, schema: ParamSchema): Json {
  return node.kind === "scalar" && node.untyped ? paramFromText(schema, node.source) : toJson(node);
}

function untypedBoolean(node: LocatedNode & { kind: "scalar" }): Json {
  return node.untyped ? paramFromText({ type: "boolean" }, node.source) : node.value;
}

function readTypes(node: LocatedNode): Json {
  if (node.kind !== "scalar" || !node.untyped || !/\s/.test(node.source)) return toJson(node);
  return words(node).map(toJson);
}

/** Why the validator refuses a schema, without its own jargon. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) throw error;
  return error.message
    .replace(/ ignored in schema at path .*$/s, "")
    .replace(/^strict mode: /, "")
    .replace(/ at "[^"]*" \(strict\w+\)$/, "")
    .replace(/\.$/, "");
}

/** The keyword that a refusal of the validator speaks of, if it is one of the outermost. */
function faultSpot(reason: string, map: LocatedNode, entry: MapEntry): number {
  const key = /unknown format/.test(reason) ? "format" : /pattern/i.test(reason) ? "pattern" : "";
  const found = descend(map, [key]);
  return found.depth === 1 ? found.node.at : entry.at;
}

function fixOf(reason: string): string {
  if (/unknown format/.test(reason)) return `Use one of: ${paramFormats.join(", ")}.`;
  if (/missing type/.test(reason)) return "State the type that the other keywords are about.";
  return "Correct the schema.";
}

function unescapePointer(step: string): string {
  return step.replaceAll("~1", "/").replaceAll("~0", "~");
}

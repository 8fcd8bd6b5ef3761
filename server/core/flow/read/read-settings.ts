import { z } from "zod";
import type { DefinitionCode } from "../../errors.ts";
import { isForbiddenKey } from "../names.ts";
import { paramFromText } from "../params/params.ts";
import type { Json } from "../spec.ts";
import type { TaskFieldCode, TaskTypeSpec } from "../task-type.ts";
import { descend, type LocatedNode, type MapEntry, type MapNode, toJson } from "./located.ts";
import type { Reader } from "./reader.ts";
import { didYouMean, quote, withArticle } from "./suggest.ts";

type JsonSchema = z.core.JSONSchema.BaseSchema;

const schemas = new WeakMap<TaskTypeSpec, JsonSchema>();
const names = new WeakMap<TaskTypeSpec, string[]>();

/** What the type's own keys look like before they are read, for suggestions and for XML's texts. */
function schemaOf(type: TaskTypeSpec): JsonSchema {
  let schema = schemas.get(type);
  if (schema === undefined) {
    schema = z.toJSONSchema(type.params, { io: "input", unrepresentable: "any" });
    schemas.set(type, schema);
  }
  return schema;
}

/** The type's own keys of a task. */
export function settingNames(type: TaskTypeSpec): readonly string[] {
  const known = names.get(type) ?? Object.keys(schemaOf(type).properties ?? {});
  names.set(type, known);
  return known;
}

/**
 * Reads the keys of a task that belong to its type.
 * @param task   the task's map, with the common keys in it as well
 * @returns the canonical `with`, or null after reporting
 */
export function readSettings(
  reader: Reader,
  type: TaskTypeSpec,
  task: MapNode,
  taskEntry: MapEntry,
): Record<string, Json> | null {
  const { properties = {} } = schemaOf(type);
  const given: Record<string, Json> = {};
  for (const name of settingNames(type)) {
    const entry = task.entries.get(name);
    if (entry === undefined || isForbiddenKey(name)) continue;
    given[name] = typed(entry.value, properties[name] as JsonSchema | boolean | undefined);
  }
  const result = type.params.safeParse(given);
  if (result.success) return result.data;
  for (const issue of result.error.issues) reportIssue(reader, type, task, taskEntry, issue);
  return null;
}

/** The value of a node; texts of XML are understood as the schema asks. */
function typed(node: LocatedNode, schema: JsonSchema | boolean | undefined): Json {
  if (typeof schema !== "object") return toJson(node);
  if (node.kind === "list") return node.items.map((item) => typed(item, itemSchema(schema)));
  if (node.kind === "map") {
    return Object.fromEntries(
      [...node.entries.values()].map(({ key, value }) => [
        key,
        typed(value, keySchema(schema, key)),
      ]),
    );
  }
  if (!node.untyped) return node.value;
  const accepted = alternatives(schema);
  if (accepted.some(({ type }) => type === "array")) {
    return [...node.source.matchAll(/\S+/g)].map(([word]) =>
      typed({ ...node, value: word, source: word }, itemSchema(schema)),
    );
  }
  for (const { type } of accepted) {
    if (type === undefined || type === "string") return node.source;
    const value = paramFromText({ type }, node.source);
    if (typeof value !== "string") return value;
  }
  return node.source;
}

/** Text comes first among alternatives, because any text is one. */
function alternatives(schema: JsonSchema): JsonSchema[] {
  const options = schema.anyOf ?? schema.oneOf;
  if (options === undefined) return [schema];
  return options.flatMap((option) => (typeof option === "object" ? alternatives(option) : []));
}

function itemSchema(schema: JsonSchema): JsonSchema | undefined {
  const { items } = alternatives(schema).find(({ type }) => type === "array") ?? {};
  return typeof items === "object" && !Array.isArray(items) ? (items as JsonSchema) : undefined;
}

function keySchema(schema: JsonSchema, key: string): JsonSchema | undefined {
  const map = alternatives(schema).find(({ type }) => type === "object");
  const own = map?.properties?.[key] ?? map?.additionalProperties;
  return typeof own === "object" ? (own as JsonSchema) : undefined;
}

function reportIssue(
  reader: Reader,
  type: TaskTypeSpec,
  task: MapNode,
  taskEntry: MapEntry,
  issue: z.core.$ZodIssue,
): void {
  const what = `${withArticle(type.type)} task`;
  const { node, entry, depth } = descend(task, issue.path);
  const name = issue.path.map(String).join(".");
  const key = String(issue.path.at(-1) ?? "");
  if (node.kind === "map" && depth === issue.path.length - 1) {
    const description = propertyDescription(type, issue.path);
    const fix = description === null ? `Set ${quote(key)}.` : `Set ${quote(key)}: ${description}`;
    reader.missing(depth === 0 ? taskEntry.at : node.at, what, name, fix);
    return;
  }
  const at = issue.path.length === 0 ? taskEntry.at : node.at;
  switch (issue.code) {
    case "invalid_type": {
      reader.wrongType(name, node, words[issue.expected] ?? `of type ${issue.expected}`);
      return;
    }
    case "invalid_value": {
      const allowed = issue.values.map(String);
      const value = toJson(node);
      if (typeof value !== "string") {
        reader.wrongType(name, node, "text");
        return;
      }
      reader.report(
        "INVALID_VALUE",
        at,
        `${quote(name)} cannot be ${quote(value)}.`,
        didYouMean(value, allowed, `Use one of: ${allowed.join(", ")}.`),
      );
      return;
    }
    case "unrecognized_keys": {
      if (issue.path.length === 0 || node.kind !== "map") return; // reported with the task's keys
      for (const unknown of issue.keys) {
        const place = node.entries.get(unknown);
        if (place !== undefined) reader.unknownKey(place, name, []);
      }
      return;
    }
    case "custom": {
      const { code = "INVALID_VALUE", fix = "Correct the value." } = (issue.params ?? {}) as {
        code?: TaskFieldCode;
        fix?: string;
      };
      reader.report(code satisfies DefinitionCode, at, issue.message, fix);
      return;
    }
    case "invalid_union": {
      reader.wrongType(name, node, unionWords(issue));
      return;
    }
    default: {
      const reason = issue.message.replace(/\.$/, "");
      const spot = entry?.value.at ?? at;
      const message = `${quote(name)} is not valid: ${reason.charAt(0).toLowerCase()}${reason.slice(1)}.`;
      reader.report("INVALID_VALUE", spot, message, `Correct ${quote(name)} of ${what}.`);
    }
  }
}

const words: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  record: "a map",
};

function unionWords(issue: z.core.$ZodIssueInvalidUnion): string {
  const expected = issue.errors
    .flat()
    .flatMap((inner) =>
      inner.code === "invalid_type" ? (words[inner.expected] ?? inner.expected) : [],
    );
  return expected.length === 0 ? "another kind of value" : [...new Set(expected)].join(" or ");
}

function propertyDescription(type: TaskTypeSpec, path: readonly PropertyKey[]): string | null {
  if (path.length !== 1) return null;
  const schema = schemaOf(type).properties?.[String(path[0])];
  const text = typeof schema === "object" ? (schema as JsonSchema).description : undefined;
  return text === undefined ? null : text.charAt(0).toLowerCase() + text.slice(1);
}

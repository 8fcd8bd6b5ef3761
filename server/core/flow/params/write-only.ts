/** Values of parameters that are marked as `writeOnly`: given once, and never shown again. */
import type { Json, ParamSchema } from "../spec.ts";

/** What is shown in place of such a value. */
export const HIDDEN = "••••••";

type Params = Record<string, Json>;
export type ParamSchemas = Readonly<Record<string, ParamSchema>>;

/**
 * Parameters as people and programs may see them.
 * @param schemas those of the revision that the values belong to; null when none of them hides anything
 * @returns a copy in which HIDDEN stands for every value that a schema marks, also inside of others
 */
export function hideWriteOnly(schemas: ParamSchemas | null, values: Params): Params {
  if (schemas === null) return values;
  const shown = Object.entries(values).map(([name, value]) => {
    const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
    return [name, hide(schema as Json | undefined, value)] as const;
  });
  return Object.fromEntries(shown);
}

/** True when a schema may hide a value, its own or one inside of it. */
export function mentionsWriteOnly(schema: Json): boolean {
  if (typeof schema !== "object" || schema === null) return false;
  if (isMap(schema) && schema.writeOnly === true) return true;
  return Object.values(schema).some(mentionsWriteOnly);
}

/** Schemas that apply to the same value as the one that has them. */
const sameValue = ["if", "then", "else"] as const;
const sameValueLists = ["allOf", "anyOf", "oneOf"] as const;

function hide(schema: Json | undefined, value: Json): Json {
  if (!isMap(schema) || value === null) return value;
  if (schema.writeOnly === true) return HIDDEN;
  const beside = [
    ...sameValue.map((key) => schema[key]),
    ...sameValueLists.flatMap((key) => listOf(schema[key])),
    ...Object.values(mapOf(schema.dependentSchemas)),
  ];
  return beside.reduce<Json>((seen, other) => hide(other, seen), hideInside(schema, value));
}

function hideInside(schema: { [key: string]: Json }, value: Json): Json {
  if (Array.isArray(value)) {
    const first = listOf(schema.prefixItems);
    const others = [schema.items, schema.contains, schema.unevaluatedItems];
    return value.map((item, index) =>
      [first[index], ...others].reduce<Json>((seen, inner) => hide(inner, seen), item),
    );
  }
  if (!isMap(value)) return value;
  const properties = mapOf(schema.properties);
  // A key may match any pattern: what one of them hides is hidden, which errs on the safe side.
  const others = [
    ...Object.values(mapOf(schema.patternProperties)),
    schema.additionalProperties,
    schema.unevaluatedProperties,
  ];
  const shown = Object.entries(value).map(([key, item]) => {
    const inner = Object.hasOwn(properties, key) ? [properties[key]] : others;
    return [key, inner.reduce<Json>((seen, one) => hide(one, seen), item)] as const;
  });
  return Object.fromEntries(shown);
}

/**
 * What somebody made of values that they saw with HIDDEN in them: where that still stands, the value
 * is the one behind it.
 * @param seen what they saw, `real` what it stood for
 */
export function keepHidden(edited: Params, seen: Params, real: Params): Params {
  return keep(edited, seen, real) as Params;
}

function keep(edited: Json, seen: Json | undefined, real: Json | undefined): Json {
  if (edited === HIDDEN && seen === HIDDEN && real !== undefined) return real;
  if (Array.isArray(edited) && Array.isArray(seen) && Array.isArray(real)) {
    return edited.map((item, index) => keep(item, seen[index], real[index]));
  }
  if (!isMap(edited) || !isMap(seen) || !isMap(real)) return edited;
  const own = (map: { [key: string]: Json }, key: string) =>
    Object.hasOwn(map, key) ? map[key] : undefined;
  const kept = Object.entries(edited).map(
    ([key, item]) => [key, keep(item, own(seen, key), own(real, key))] as const,
  );
  return Object.fromEntries(kept);
}

const isMap = (value: Json | undefined): value is { [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const mapOf = (value: Json | undefined) => (isMap(value) ? value : {});
const listOf = (value: Json | undefined) => (Array.isArray(value) ? value : []);

import { canonicalJson } from "./canonical.ts";
import type { Json } from "./spec.ts";
import type { SpecChange } from "./view.ts";

/**
 * How two JSON values differ: one entry for each place, keys in code-unit order. Lists of equal
 * length are compared item by item, lists of different length as a whole.
 * @returns an empty list exactly when both have the same canonical form
 */
export function diffJson(before: Json, after: Json): SpecChange[] {
  const changes: SpecChange[] = [];
  collect("", before, after, changes);
  return changes;
}

function collect(
  path: string,
  before: Json | undefined,
  after: Json | undefined,
  changes: SpecChange[],
): void {
  if (isMap(before) && isMap(after)) {
    for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
      collect(below(path, key), own(before, key), own(after, key), changes);
    }
  } else if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    for (const [index, item] of before.entries()) {
      collect(below(path, String(index)), item, after[index], changes);
    }
  } else if (!equal(before, after)) {
    changes.push({
      path,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    });
  }
}

/** Source: RFC 6901, JSON Pointer */
function below(pointer: string, key: string): string {
  return `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

function own(map: { [key: string]: Json }, key: string): Json | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

function isMap(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function equal(a: Json | undefined, b: Json | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return canonicalJson(a) === canonicalJson(b);
}

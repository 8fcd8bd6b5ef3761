import type { Position, Problem } from "../../errors.ts";
import type { Json, SourceFormat } from "../spec.ts";

/**
 * The value that every source format is read into before it is checked: plain maps, lists and
 * scalars that remember where they stand. Nothing after it knows YAML, XML or TypeScript.
 */

/** A place in the sources of one document; only that document's `locate` can read it. */
export type Spot = number;

export interface MapEntry {
  key: string;
  /** Where the key is written. */
  at: Spot;
  value: LocatedNode;
}

export interface MapNode {
  kind: "map";
  at: Spot;
  /** In the order of the source. */
  entries: ReadonlyMap<string, MapEntry>;
  /** Entries whose key had been used before in this map. */
  repeated: readonly MapEntry[];
}

export interface ListNode {
  kind: "list";
  at: Spot;
  items: readonly LocatedNode[];
}

export interface ScalarNode {
  kind: "scalar";
  at: Spot;
  value: null | boolean | number | string;
  /** As written, before it was understood as a number or a truth value. */
  source: string;
  /**
   * True where the format has text only (XML): the reader may understand it as the number, truth
   * value or list that the key asks for.
   */
  untyped: boolean;
}

export type LocatedNode = MapNode | ListNode | ScalarNode;

export interface LocatedDocument {
  format: SourceFormat;
  file: string;
  text: string;
  /** Null when the text could not be read at all; `problems` then says why. */
  root: LocatedNode | null;
  /** What is wrong with the text itself, before any schema. */
  problems: readonly Problem[];
  locate(spot: Spot): Position;
  /** Where the character at `index` of a scalar's text stands, as near as the format can tell. */
  locateText(node: ScalarNode, index: number): Position;
}

/** A map that more entries may still be added to. */
export interface GrowingMap extends MapNode {
  entries: Map<string, MapEntry>;
  repeated: MapEntry[];
}

export function emptyMap(at: Spot): GrowingMap {
  return { kind: "map", at, entries: new Map(), repeated: [] };
}

export function addEntry(map: GrowingMap, entry: MapEntry): void {
  if (map.entries.has(entry.key)) map.repeated.push(entry);
  else map.entries.set(entry.key, entry);
}

/** Sizes beyond which a definition is refused before it is read. */
export const MAX_SOURCE_BYTES = 5 * 1024 * 1024;
export const MAX_DEPTH = 64;
/** Nodes that aliases may add to a document. */
export const MAX_ALIASED_NODES = 100_000;

/** Translates offsets into lines and columns, both from 1; a column counts UTF-16 code units. */
export function lineIndex(file: string, text: string): (offset: number) => Position {
  let starts: number[] | undefined;
  return (offset) => {
    starts ??= lineStarts(text);
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { file, line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** The plain value of a node. Later entries of a repeated key are ignored. */
export function toJson(node: LocatedNode): Json {
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "list":
      return node.items.map(toJson);
    case "map":
      return Object.fromEntries([...node.entries.values()].map((e) => [e.key, toJson(e.value)]));
  }
}

/** Follows keys and list positions; returns the deepest node that exists and how far it got. */
export function descend(
  node: LocatedNode,
  path: readonly PropertyKey[],
): { node: LocatedNode; entry: MapEntry | null; depth: number } {
  let entry: MapEntry | null = null;
  for (const [depth, step] of path.entries()) {
    const next: MapEntry | LocatedNode | undefined =
      node.kind === "map"
        ? node.entries.get(String(step))
        : node.kind === "list"
          ? node.items[Number(step)]
          : undefined;
    if (next === undefined) return { node, entry, depth };
    if ("key" in next) {
      entry = next;
      node = next.value;
    } else {
      entry = null;
      node = next;
    }
  }
  return { node, entry, depth: path.length };
}

/** What a node is, in words that fit "must be text, not …". */
export function describeNode(node: LocatedNode): string {
  if (node.kind === "map") return "a map";
  if (node.kind === "list") return "a list";
  if (node.value === null) return "empty";
  if (typeof node.value === "boolean") return "true or false";
  return typeof node.value === "number" ? "a number" : "text";
}

import { isForbiddenKey, textFault } from "./names.ts";
import type { LocatedNode, MapEntry } from "./read/located.ts";
import type { Reader } from "./read/reader.ts";
import { quote } from "./read/suggest.ts";

/**
 * Reports what no definition may hold, wherever it stands: repeated keys, keys that reach into
 * JavaScript's own objects, text and numbers that JSON or the database cannot keep.
 */
export function inspectDocument(reader: Reader, root: LocatedNode): void {
  const seen = new Set<LocatedNode>();
  const visit = (node: LocatedNode, isTasks: boolean, isRoot: boolean): void => {
    if (node.kind !== "scalar") {
      if (seen.has(node)) return; // an alias shows the same node again
      seen.add(node);
    }
    if (node.kind === "list") {
      for (const item of node.items) visit(item, false, false);
    } else if (node.kind === "map") {
      for (const entry of node.repeated) reportRepeated(reader, entry, isTasks);
      for (const entry of node.entries.values()) {
        inspectKey(reader, entry);
        visit(entry.value, isRoot && entry.key === "tasks", false);
      }
    } else if (typeof node.value === "string") {
      const fault = textFault(node.value);
      if (fault !== null) {
        reader.report(
          "INVALID_VALUE",
          node.at,
          `This text ${fault.replace("hold", "holds")}.`,
          "Remove the character.",
        );
      }
    } else if (typeof node.value === "number" && !isExact(node.value)) {
      reader.report(
        "INVALID_VALUE",
        node.at,
        `The number ${node.source} cannot be kept exactly.`,
        "Write it as text, in quotes.",
      );
    }
  };
  visit(root, false, true);
}

function isExact(value: number): boolean {
  return Number.isFinite(value) && (!Number.isInteger(value) || Math.abs(value) <= 2 ** 53);
}

function inspectKey(reader: Reader, entry: MapEntry): void {
  if (isForbiddenKey(entry.key)) {
    reader.report(
      "FORBIDDEN_KEY",
      entry.at,
      `The key ${quote(entry.key)} is refused everywhere.`,
      "Choose another name.",
    );
  }
  const fault = textFault(entry.key);
  if (fault !== null) {
    reader.report(
      "INVALID_VALUE",
      entry.at,
      `This key ${fault.replace("hold", "holds")}.`,
      "Remove the character.",
    );
  }
}

function reportRepeated(reader: Reader, entry: MapEntry, isTask: boolean): void {
  if (isTask) {
    reader.report(
      "DUPLICATE_TASK",
      entry.at,
      `There is a task ${quote(entry.key)} already.`,
      "Give one of them another id.",
    );
  } else {
    reader.report(
      "DUPLICATE_KEY",
      entry.at,
      `The key ${quote(entry.key)} is set already.`,
      "Keep one of them.",
    );
  }
}

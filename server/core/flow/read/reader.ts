import type { DefinitionCode } from "../../errors.ts";
import { parseDuration } from "../duration.ts";
import {
  describeNode,
  type LocatedDocument,
  type LocatedNode,
  type MapEntry,
  type MapNode,
  type ScalarNode,
  type Spot,
} from "./located.ts";
import type { ProblemList } from "./problem-list.ts";
import { didYouMean, quote } from "./suggest.ts";

/** Longest text of names, descriptions and the like, in UTF-16 code units. */
const MAX_TEXT = 10_000;

export interface NumberLimits {
  min: number;
  max: number;
}

/**
 * Reads the values of a located document and reports whatever does not fit. Every method returns
 * null, after reporting, when the value is not what it should be.
 */
export class Reader {
  readonly document: LocatedDocument;
  readonly problems: ProblemList;

  constructor(document: LocatedDocument, problems: ProblemList) {
    this.document = document;
    this.problems = problems;
  }

  report(code: DefinitionCode, spot: Spot, message: string, fix: string): null {
    this.problems.add(code, this.document.locate(spot), message, fix);
    return null;
  }

  /** @param index position of a character in the scalar's text */
  reportText(
    node: ScalarNode,
    index: number,
    fault: { code: DefinitionCode; message: string; fix: string },
  ): null {
    this.problems.add(fault.code, this.document.locateText(node, index), fault.message, fault.fix);
    return null;
  }

  wrongType(name: string, node: LocatedNode, wanted: string): null {
    return this.report(
      "WRONG_TYPE",
      node.at,
      `${quote(name)} must be ${wanted}, but it is ${describeNode(node)}.`,
      `Write ${wanted}.`,
    );
  }

  /** A map, whatever its keys. */
  map(name: string, node: LocatedNode): MapNode | null {
    return node.kind === "map" ? node : this.wrongType(name, node, "a map");
  }

  /**
   * A map whose keys are known.
   * @param what names the map in messages: "a shell task", "retry"
   */
  fields(name: string, what: string, node: LocatedNode, allowed: readonly string[]): Fields | null {
    const map = this.map(name, node);
    if (map === null) return null;
    for (const entry of map.entries.values()) {
      if (!allowed.includes(entry.key)) this.unknownKey(entry, what, allowed);
    }
    return new Fields(this, map);
  }

  unknownKey(entry: MapEntry, what: string, allowed: readonly string[]): null {
    return this.report(
      "UNKNOWN_KEY",
      entry.at,
      `${quote(entry.key)} is not a key of ${what}.`,
      didYouMean(entry.key, allowed, `${capitalise(what)} takes: ${allowed.join(", ")}.`),
    );
  }

  missing(spot: Spot, what: string, key: string, fix: string): null {
    return this.report("MISSING_KEY", spot, `${capitalise(what)} has no ${quote(key)}.`, fix);
  }

  text(name: string, node: LocatedNode, maxLength = MAX_TEXT): string | null {
    if (node.kind !== "scalar" || typeof node.value !== "string") {
      return this.wrongType(name, node, "text");
    }
    if (node.value.length <= maxLength) return node.value;
    return this.report(
      "TOO_LARGE",
      node.at,
      `${quote(name)} is longer than ${maxLength} characters.`,
      "Shorten it.",
    );
  }

  /** Text, or a number or truth value as it is written. */
  looseText(name: string, node: LocatedNode): string | null {
    if (node.kind === "scalar" && node.value !== null && typeof node.value !== "string") {
      return node.source;
    }
    return this.text(name, node, Number.POSITIVE_INFINITY);
  }

  /** Text of a certain form. */
  pattern(name: string, node: LocatedNode, pattern: RegExp, fix: string): string | null {
    const text = this.text(name, node);
    if (text === null || pattern.test(text)) return text;
    const message = `${quote(text)} is not valid as ${quote(name)}.`;
    return this.report("INVALID_VALUE", node.at, message, fix);
  }

  oneOf<T extends string>(name: string, node: LocatedNode, allowed: readonly T[]): T | null {
    const text = this.text(name, node);
    if (text === null) return null;
    const found = allowed.find((value) => value === text);
    if (found !== undefined) return found;
    return this.report(
      "INVALID_VALUE",
      node.at,
      `${quote(name)} cannot be ${quote(text)}.`,
      didYouMean(text, allowed, `Use one of: ${allowed.join(", ")}.`),
    );
  }

  number(name: string, node: LocatedNode, limits: NumberLimits, whole: boolean): number | null {
    const value = node.kind === "scalar" ? untypedNumber(node) : null;
    if (typeof value !== "number") return this.wrongType(name, node, "a number");
    const fits = value >= limits.min && value <= limits.max && (!whole || Number.isInteger(value));
    if (fits) return value;
    return this.report(
      "INVALID_VALUE",
      node.at,
      `${quote(name)} cannot be ${value}.`,
      `Write a ${whole ? "whole " : ""}number from ${limits.min} to ${limits.max}.`,
    );
  }

  boolean(name: string, node: LocatedNode): boolean | null {
    if (node.kind === "scalar") {
      if (typeof node.value === "boolean") return node.value;
      if (node.untyped && node.value === "true") return true;
      if (node.untyped && node.value === "false") return false;
    }
    return this.wrongType(name, node, "true or false");
  }

  /** @returns whole milliseconds */
  duration(name: string, node: LocatedNode, limits: { minMs: number }): number | null {
    const isScalar = node.kind === "scalar" && node.value !== null;
    if (!isScalar || typeof node.value === "boolean") {
      return this.wrongType(name, node, "a duration such as 30s");
    }
    const ms = typeof node.value === "string" ? parseDuration(node.value) : null;
    if (ms === null) {
      return this.report(
        "INVALID_DURATION",
        node.at,
        `${quote(node.source)} is not a duration of at most 366 days.`,
        typeof node.value === "number" || /^\d+$/.test(node.source)
          ? `Add the unit, for example ${node.source}s or ${node.source}m.`
          : "Write whole numbers with ms, s, m, h or d from large to small, such as 1h30m.",
      );
    }
    if (ms >= limits.minMs) return ms;
    return this.report(
      "INVALID_DURATION",
      node.at,
      `${quote(name)} cannot be as short as ${node.source}.`,
      `Write at least ${limits.minMs}ms.`,
    );
  }

  /** A list, or a single item in its place; in XML, words with white space between them. */
  list(name: string, node: LocatedNode): readonly LocatedNode[] | null {
    if (node.kind === "list") return node.items;
    if (node.kind === "scalar" && typeof node.value === "string") {
      return node.untyped ? this.#words(node, node.value) : [node];
    }
    return this.wrongType(name, node, "a list");
  }

  /** The words of an untyped scalar, each with its own place where the text is written plainly. */
  #words(node: ScalarNode, text: string): ScalarNode[] {
    return [...text.matchAll(/\S+/g)].map(({ 0: word, index }) => ({
      ...node,
      value: word,
      source: word,
      at: this.document.text.startsWith(word, node.at + index) ? node.at + index : node.at,
    }));
  }
}

/** The entries of one map, by key. Absent keys give undefined, wrong values null. */
export class Fields {
  readonly reader: Reader;
  readonly node: MapNode;

  constructor(reader: Reader, node: MapNode) {
    this.reader = reader;
    this.node = node;
  }

  /**
   * Reads the value of a key by a function of the reader.
   * @returns undefined when the key is absent or its value was reported
   */
  optional<T>(key: string, read: (node: LocatedNode) => T | null): T | undefined {
    const entry = this.node.entries.get(key);
    return entry === undefined ? undefined : (read(entry.value) ?? undefined);
  }
}

function untypedNumber(node: ScalarNode): ScalarNode["value"] {
  const isNumber =
    node.untyped && /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(node.source);
  return isNumber ? Number(node.source) : node.value;
}

export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

import {
  Composer,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  Lexer,
  type ParsedNode,
  Parser,
  type Scalar,
} from "yaml";
import type { DefinitionCode } from "../../errors.ts";
import {
  addEntry,
  emptyMap,
  type LocatedNode,
  MAX_ALIASED_NODES,
  MAX_DEPTH,
  type ScalarNode,
} from "../read/located.ts";
import { quote } from "../read/suggest.ts";
import type { Shielded } from "./yaml-shield.ts";

/** @param offset in the text; places beyond its ends mean the ends */
export type Report = (code: DefinitionCode, offset: number, message: string, fix: string) => void;

/**
 * Reads a text by the whole grammar of YAML, as the library has it.
 * @param text as the author wrote it, at most MAX_SOURCE_BYTES
 * @returns null when nothing was there, or nothing that could be read: that was reported
 */
export function readAnyYaml(text: string, shielded: Shielded, report: Report): LocatedNode | null {
  const parsed = compose(text, shielded.text, report);
  if (parsed?.contents == null) return null;
  return new Conversion(report, shielded).convert(parsed.contents, 1).node;
}

/**
 * Lexes, parses and composes step by step, so that a hostile text is dropped as soon as it shows.
 * @param text     as the author wrote it
 * @param shielded as it is parsed
 */
function compose(
  text: string,
  shielded: string,
  report: Report,
): Document.Parsed<ParsedNode> | null {
  const parser = new Parser();
  const composer = new Composer<ParsedNode>({
    version: "1.2",
    schema: "core",
    merge: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
  });
  const documents: Document.Parsed<ParsedNode>[] = [];
  for (const lexeme of new Lexer().lex(shielded)) {
    for (const token of parser.next(lexeme)) documents.push(...composer.next(token));
    // A nested map or list takes a few entries of the parser's stack at the most.
    if (parser.stack.length > 4 * MAX_DEPTH) {
      reportDepth(report, parser.offset);
      return null;
    }
  }
  for (const token of parser.end()) documents.push(...composer.next(token));
  documents.push(...composer.end());

  const [first, second] = documents;
  const told = new Set<string>(); // one slip often has several errors of the same kind
  for (const error of first?.errors ?? []) {
    const [offset] = error.pos;
    if (told.has(error.code)) continue;
    told.add(error.code);
    if (error.message.includes("call stack")) reportDepth(report, offset);
    else report("SYNTAX", offset, sentence(error.message), syntaxFix(error, lineAt(text, offset)));
  }
  for (const warning of first?.warnings ?? []) {
    if (warning.code === "TAG_RESOLVE_FAILED") continue; // reported with the node that has the tag
    report("SYNTAX", warning.pos[0], sentence(warning.message), syntaxFix(warning, ""));
  }
  if (second !== undefined) {
    const at = second.contents?.range[0] ?? second.range[0];
    report(
      "SYNTAX",
      at,
      "The file holds more than one YAML document.",
      "Keep one flow per file and remove the line with ---.",
    );
  }
  return first !== undefined && first.errors.length === 0 ? first : null;
}

function reportDepth(report: Report, offset: number): void {
  report(
    "TOO_DEEP",
    offset,
    `Maps and lists are nested more than ${MAX_DEPTH} deep.`,
    "Flatten the definition.",
  );
}

function sentence(message: string): string {
  if (message.startsWith("Missing closing")) return "A quote is not closed.";
  const [first = ""] = message.split("\n");
  const flat = first.length > 200 ? `${first.slice(0, 197)}…` : first;
  return /[.!?…]$/.test(flat) ? flat : `${flat}.`;
}

function lineAt(text: string, offset: number): string {
  const end = text.indexOf("\n", offset);
  return text.slice(text.lastIndexOf("\n", offset - 1) + 1, end === -1 ? text.length : end);
}

/** @param line the line in which the error is */
function syntaxFix({ code, message }: { code: string; message: string }, line: string): string {
  if (line.includes("{{")) return "Put text that begins with a template into quotes.";
  if (message.includes("and end with a")) return "Close the bracket that is open here.";
  switch (code) {
    case "TAB_AS_INDENT":
      return "Indent with spaces.";
    case "BAD_INDENT":
      return "Align this line with the entries it belongs to.";
    case "TAG_RESOLVE_FAILED":
      return TAG_FIX;
    case "BAD_ALIAS":
      return "Define the anchor before its alias, or quote text that begins with *.";
    case "MISSING_CHAR":
      return "Close the quote or bracket that is open here, or put the missing character in.";
    case "MULTILINE_IMPLICIT_KEY":
    case "BLOCK_AS_IMPLICIT_KEY":
      return "Put each key on a line of its own, and quote text that holds a colon and a space.";
    default:
      return "Correct the YAML here; text with special characters needs quotes.";
  }
}

/** Tags of the YAML core schema; they say what the plain form says anyway. */
const CORE_TAG = /^tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq)$/;
const TAG_FIX = "Remove the tag: only plain text, numbers, true, false, lists and maps are used.";

interface Converted {
  node: LocatedNode;
  /** Nodes in it, those that aliases repeat counted each time. */
  size: number;
  height: number;
}

class Conversion {
  readonly #report: Report;
  readonly #shielded: Shielded;
  /** Null while the anchored node itself is being read: an alias to it would never end. */
  readonly #anchors = new Map<string, Converted | null>();
  #aliased = 0;

  constructor(report: Report, shielded: Shielded) {
    this.#report = report;
    this.#shielded = shielded;
  }

  convert(parsed: ParsedNode | null, depth: number, at = 0): Converted {
    if (parsed === null) return { node: nothing(at), size: 1, height: 1 };
    if (isAlias(parsed)) return this.#alias(parsed.source, parsed.range[0], depth);
    if (depth > MAX_DEPTH) {
      reportDepth(this.#report, parsed.range[0]);
      return { node: nothing(parsed.range[0]), size: 1, height: 1 };
    }
    if (parsed.tag !== undefined && !CORE_TAG.test(parsed.tag)) {
      this.#report("SYNTAX", parsed.range[0], `The tag ${quote(parsed.tag)} is not used.`, TAG_FIX);
      return { node: nothing(parsed.range[0]), size: 1, height: 1 };
    }
    const anchor = parsed.anchor;
    if (anchor !== undefined) this.#anchors.set(anchor, null);
    const converted = isCollection(parsed)
      ? this.#collection(parsed, depth)
      : { node: this.#scalar(parsed), size: 1, height: 1 };
    if (anchor !== undefined) this.#anchors.set(anchor, converted);
    return converted;
  }

  #alias(name: string, offset: number, depth: number): Converted {
    const target = this.#anchors.get(name);
    const empty = { node: nothing(offset), size: 1, height: 1 };
    if (target == null) {
      this.#report(
        target === null ? "ALIAS_LIMIT" : "SYNTAX",
        offset,
        target === null
          ? `The anchor "${name}" contains an alias to itself.`
          : `No anchor named "${name}" stands before this alias.`,
        "Write the value out instead of the alias.",
      );
      return empty;
    }
    if (this.#aliased > MAX_ALIASED_NODES) return empty;
    this.#aliased += target.size;
    if (this.#aliased > MAX_ALIASED_NODES) {
      this.#report(
        "ALIAS_LIMIT",
        offset,
        `Aliases repeat more than ${MAX_ALIASED_NODES} values.`,
        "Write the values out, or generate the flow in TypeScript.",
      );
      return empty;
    }
    if (depth + target.height - 1 > MAX_DEPTH) {
      reportDepth(this.#report, offset);
      return empty;
    }
    return target;
  }

  #collection(parsed: Extract<ParsedNode, { items: unknown[] }>, depth: number): Converted {
    const at = parsed.range[0];
    let size = 1;
    let height = 0;
    const grow = (child: Converted): LocatedNode => {
      size += child.size;
      height = Math.max(height, child.height);
      return child.node;
    };
    if (!isMap(parsed)) {
      const items = (parsed.items as ParsedNode[]).map((item) =>
        grow(this.convert(item, depth + 1, at)),
      );
      return { node: { kind: "list", at, items }, size, height: height + 1 };
    }
    const map = emptyMap(at);
    for (const pair of parsed.items) {
      const key = this.#key(pair.key, at);
      if (key === null) continue;
      const value = grow(this.convert(pair.value, depth + 1, key.at + key.key.length));
      addEntry(map, { ...key, value });
    }
    return { node: map, size, height: height + 1 };
  }

  #key(parsed: ParsedNode, mapAt: number): { key: string; at: number } | null {
    const at = parsed?.range?.[0] ?? mapAt;
    if (isScalar(parsed) && parsed.value !== null) {
      const key = this.#shielded.restore(
        typeof parsed.value === "string" ? parsed.value : (parsed.source ?? ""),
      );
      if (key !== "<<") return { key, at };
      this.#report(
        "UNKNOWN_KEY",
        at,
        'Merge keys ("<<") are not supported.',
        'Put what all tasks share under "defaults".',
      );
      return null;
    }
    this.#report("SYNTAX", at, "A key must be text.", "Write the key as a plain word.");
    return null;
  }

  #scalar(parsed: Scalar.Parsed): ScalarNode {
    const { value } = parsed;
    const at = parsed.range[0];
    const plain =
      value === null || typeof value === "number" || typeof value === "boolean"
        ? value
        : this.#shielded.restore(String(value));
    return {
      kind: "scalar",
      at,
      value: plain,
      source: typeof plain === "string" ? plain : (parsed.source ?? ""),
      untyped: false,
    };
  }
}

function nothing(at: number): ScalarNode {
  return { kind: "scalar", at, value: null, source: "", untyped: false };
}

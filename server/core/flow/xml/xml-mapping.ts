import type { DefinitionCode } from "../../errors.ts";
import {
  addEntry,
  emptyMap,
  type GrowingMap,
  type ListNode,
  type LocatedNode,
  MAX_DEPTH,
  type MapEntry,
  type MapNode,
  type ScalarNode,
  type Spot,
} from "../read/located.ts";
import { quote } from "../read/suggest.ts";
import type { Json } from "../spec.ts";
import type { XmlElement } from "./xml-scan.ts";
import { decodeText, type TextRun, unindent } from "./xml-text.ts";

/**
 * How elements and attributes become the keys that YAML has:
 * - an attribute, or a child element, is a key of that name;
 * - `<task id="a">`, `<param name="a">`, `<env name="a">`, `<header name="a">`, `<property name="a">`
 *   are entries of `tasks`, `params`, `env`, `headers`, `properties`; `<entry name="a">` is a key of
 *   the element that holds it, for names that no element can have;
 * - `<tag>`, `<file>`, `<need>`, `<notify>`, `<enum>`, `<example>` are items of a list, and so is each
 *   `<item>` of any other element;
 * - text is understood as the type that the key asks for; `as="json"` makes it a JSON value.
 */
const keyed: ReadonlyMap<string, { into: string | null; by: string }> = new Map([
  ["task", { into: "tasks", by: "id" }],
  ["param", { into: "params", by: "name" }],
  ["env", { into: "env", by: "name" }],
  ["header", { into: "headers", by: "name" }],
  ["property", { into: "properties", by: "name" }],
  ["entry", { into: null, by: "name" }],
]);
const listed: ReadonlyMap<string, string> = new Map([
  ["tag", "tags"],
  ["file", "files"],
  ["need", "needs"],
  ["notify", "notify"],
  ["enum", "enum"],
  ["example", "examples"],
  ["prefixItems", "prefixItems"],
  ["allOf", "allOf"],
  ["anyOf", "anyOf"],
  ["oneOf", "oneOf"],
]);
/** One is a value, several are a list. */
const repeatable: ReadonlySet<string> = new Set(["schedule"]);

type Report = (code: DefinitionCode, offset: Spot, message: string, fix: string) => void;

export class XmlMapping {
  readonly #source: string;
  readonly #report: Report;
  /**
   * For the text of a scalar that does not stand as it is in the source: its runs, and whether shared
   * indentation was taken away.
   */
  readonly #texts = new Map<ScalarNode, { runs: readonly TextRun[]; isIndented: boolean }>();

  constructor(source: string, report: Report) {
    this.#source = source;
    this.#report = report;
  }

  flow(root: XmlElement): LocatedNode | null {
    if (root.name === "flow") return this.#map(root);
    this.#report(
      "UNKNOWN_KEY",
      root.nameAt,
      `The outermost element is <${root.name}>.`,
      "Make it <flow>.",
    );
    return null;
  }

  /** The offset of one character of a scalar's text. */
  textSpot(node: ScalarNode, index: number): Spot {
    const text = this.#texts.get(node);
    if (text === undefined) {
      const isPlain = this.#source.startsWith(node.source, node.at);
      return isPlain ? node.at + Math.min(index, node.source.length) : node.at;
    }
    const origins: number[] = [];
    const decoded = decodeText(this.#source, text.runs, origins);
    if (text.isIndented) unindent(decoded, origins);
    const last = origins.at(-1);
    return origins[index] ?? (last === undefined ? node.at : last + 1);
  }

  /** @param keyName attribute that names the element in its parent, and is no key of its own */
  #map(element: XmlElement, keyName?: string): MapNode {
    const map = emptyMap(element.nameAt);
    for (const attribute of element.attributes) {
      if (attribute.name === keyName || isMarkup(attribute.name)) continue;
      const node = this.#scalar(attribute.value, attribute.at, attribute.runs, false);
      addEntry(map, { key: attribute.name, at: attribute.nameAt, value: node });
    }
    for (const child of element.children) this.#child(map, child);
    const stray = this.#firstCharacter(element);
    if (stray !== null) {
      this.#report(
        "SYNTAX",
        stray,
        `Text stands beside the keys of <${element.name}>.`,
        "Put it into an element of its own, or remove it.",
      );
    }
    return map;
  }

  #child(map: GrowingMap, child: XmlElement): void {
    const key = keyed.get(child.name);
    if (key !== undefined) {
      this.#keyedChild(map, child, key.into, key.by);
      return;
    }
    const list = listed.get(child.name);
    if (list !== undefined) {
      const items = growList(map, list, child.nameAt);
      if (items === null) addEntry(map, { key: list, at: child.nameAt, value: this.#value(child) });
      else items.push(this.#value(child));
      return;
    }
    const value = this.#value(child);
    const known = map.entries.get(child.name);
    if (known === undefined || !repeatable.has(child.name)) {
      addEntry(map, { key: child.name, at: child.nameAt, value });
    } else if (known.value.kind === "list") {
      (known.value.items as LocatedNode[]).push(value);
    } else {
      const items: ListNode = { kind: "list", at: known.value.at, items: [known.value, value] };
      map.entries.set(child.name, { ...known, value: items });
    }
  }

  #keyedChild(map: GrowingMap, child: XmlElement, into: string | null, by: string): void {
    const name = child.attributes.find((attribute) => attribute.name === by);
    if (name === undefined) {
      this.#report(
        "MISSING_KEY",
        child.nameAt,
        `This <${child.name}> has no ${quote(by)}.`,
        `Write <${child.name} ${by}="…">.`,
      );
      return;
    }
    const value = this.#keyedValue(child, by);
    const entry = { key: name.value, at: name.at, value };
    if (into === null) {
      addEntry(map, entry);
      return;
    }
    const known = map.entries.get(into);
    if (known === undefined) {
      const inner = emptyMap(child.nameAt);
      addEntry(inner, entry);
      map.entries.set(into, { key: into, at: child.nameAt, value: inner });
    } else if (known.value.kind === "map") {
      addEntry(known.value as GrowingMap, entry);
    } else {
      addEntry(map, { key: into, at: child.nameAt, value });
    }
  }

  /** `<env name="A">text</env>`, `<env name="A" value="text"/>`, or a map of further keys. */
  #keyedValue(child: XmlElement, by: string): LocatedNode {
    const own = child.attributes.filter(({ name }) => name !== by && !isMarkup(name));
    const isMap = child.name === "task" || child.name === "param" || child.name === "property";
    const [value] = own;
    if (own.length === 1 && value?.name === "value" && child.children.length === 0 && !isMap) {
      return this.#scalar(value.value, value.at, value.runs, false);
    }
    const hasText = this.#firstCharacter(child) !== null;
    if (isMap && !hasText) return this.#map(child, by);
    return this.#value(child, by);
  }

  #value(element: XmlElement, keyName?: string): LocatedNode {
    const own = element.attributes.filter(({ name }) => name !== keyName && !isMarkup(name));
    const isJson = own.length === 1 && own[0]?.name === "as" && own[0].value === "json";
    if (element.children.length === 0 && (own.length === 0 || isJson)) {
      const node = this.#text(element);
      return isJson ? this.#json(element, node) : node;
    }
    const isList = own.length === 0 && element.children.every(({ name }) => name === "item");
    if (!isList) return this.#map(element, keyName);
    const stray = this.#firstCharacter(element);
    if (stray !== null) {
      this.#report("SYNTAX", stray, "Text stands beside the items of a list.", "Remove it.");
    }
    const items = element.children.map((child) => this.#value(child));
    return { kind: "list", at: element.nameAt, items };
  }

  #text(element: XmlElement): ScalarNode {
    const cdata = element.text.filter(({ kind }) => kind === "cdata");
    const isOnlyCdata = cdata.length > 0 && this.#firstCharacter(element, "text") === null;
    const runs = isOnlyCdata ? cdata : element.text;
    const isKept = element.attributes.some(
      ({ name, value }) => name === "xml:space" && value === "preserve",
    );
    const decoded = decodeText(this.#source, runs);
    const text = isKept ? decoded : unindent(decoded);
    const first = this.#firstCharacter(element) ?? runs[0]?.start ?? element.nameAt;
    return this.#scalar(text, first, runs, !isKept);
  }

  /** Where the first character that is not white space stands, or null when there is none. */
  #firstCharacter(element: XmlElement, kind?: TextRun["kind"]): number | null {
    for (const run of element.text) {
      if (kind !== undefined && run.kind !== kind) continue;
      const found = /\S/.exec(this.#source.slice(run.start, run.end));
      if (found !== null) return run.start + found.index;
    }
    return null;
  }

  #scalar(value: string, at: Spot, runs: readonly TextRun[], isIndented: boolean): ScalarNode {
    const node: ScalarNode = { kind: "scalar", at, value, source: value, untyped: true };
    if (!this.#source.startsWith(value, at)) this.#texts.set(node, { runs, isIndented });
    return node;
  }

  #json(element: XmlElement, node: ScalarNode): LocatedNode {
    let value: Json;
    try {
      value = JSON.parse(node.source) as Json;
    } catch {
      this.#report(
        "SYNTAX",
        node.at,
        `The text of this <${element.name}> is not JSON.`,
        'Correct it, or remove as="json".',
      );
      return node;
    }
    return this.#jsonNode(value, node.at, 1);
  }

  /** All parts of a JSON value stand where its text begins. */
  #jsonNode(value: Json, at: Spot, depth: number): LocatedNode {
    if (depth > MAX_DEPTH) {
      this.#report("TOO_DEEP", at, `JSON is nested more than ${MAX_DEPTH} deep.`, "Flatten it.");
      return { kind: "scalar", at, value: null, source: "", untyped: false };
    }
    if (Array.isArray(value)) {
      const items = value.map((item) => this.#jsonNode(item, at, depth + 1));
      return { kind: "list", at, items };
    }
    if (typeof value !== "object" || value === null) {
      return { kind: "scalar", at, value, source: String(value), untyped: false };
    }
    const entries = Object.entries(value).map(([key, item]): [string, MapEntry] => [
      key,
      { key, at, value: this.#jsonNode(item, at, depth + 1) },
    ]);
    return { kind: "map", at, entries: new Map(entries), repeated: [] };
  }
}

function isMarkup(name: string): boolean {
  return name.startsWith("xmlns") || name.startsWith("xml:") || name.startsWith("xsi:");
}

/** The items of the list under a key, made when absent; null when the key has another value. */
function growList(map: GrowingMap, key: string, at: Spot): LocatedNode[] | null {
  const known = map.entries.get(key);
  if (known === undefined) {
    const items: LocatedNode[] = [];
    map.entries.set(key, { key, at, value: { kind: "list", at, items } });
    return items;
  }
  return known.value.kind === "list" ? (known.value.items as LocatedNode[]) : null;
}

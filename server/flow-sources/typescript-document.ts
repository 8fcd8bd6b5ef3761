import type { Position, Problem } from "#server/core/errors.ts";
import {
  descend,
  type LocatedDocument,
  type LocatedNode,
  lineIndex,
  MAX_DEPTH,
  type MapEntry,
  type ScalarNode,
  type Spot,
} from "#server/core/flow/located.ts";
import { ProblemList } from "#server/core/flow/problem-list.ts";
import type { Json } from "#server/core/flow/spec.ts";
import { quote } from "#server/core/flow/suggest.ts";
import type { Evaluation } from "./evaluation.ts";
import { findDefinition, type Literal, literalTextOffset } from "./typescript-literals.ts";

/** Where `flow()` was called, and `task()` for each task that was defined by it, if that is known. */
export interface CallSites {
  flow: Position | null;
  tasks: ReadonlyMap<string, Position>;
}

/**
 * Joins the definition that a TypeScript flow evaluated to with the places of its source text. What
 * the code computes stands where the computation begins, or where `task()` or `flow()` was called.
 * @param file how the source is named in problems
 */
export function typescriptDocument(
  file: string,
  text: string,
  evaluation: Extract<Evaluation, { ok: true }>,
  sites: CallSites,
): LocatedDocument {
  const locateOffset = lineIndex(file, text);
  const found = findDefinition(text);
  const builder = new Builder(text, sites, found?.literal.at ?? found?.callAt ?? 0);
  const problems = new ProblemList();
  const locate = (spot: Spot): Position => builder.sites[-1 - spot] ?? locateOffset(spot);
  const root = builder.build(evaluation.definition, found?.literal ?? null, [], builder.start, 1);
  if (builder.tooDeep !== null) {
    problems.add(
      "TOO_DEEP",
      locate(builder.tooDeep),
      `Objects and lists are nested more than ${MAX_DEPTH} deep.`,
      "Flatten the definition.",
    );
  }
  for (const fault of evaluation.faults) {
    problems.add(
      "WRONG_TYPE",
      locate(spotOf(root, fault.path)),
      `${quote(fault.path.join(".") || "the definition")} is ${fault.is}.`,
      "Use text, numbers, true, false, lists and plain objects; functions belong under run.",
    );
  }
  return {
    format: "typescript",
    file,
    text,
    root,
    problems: problems.sorted(),
    locate,
    locateText: (node, index) => locate(builder.textSpot(node, index)),
  };
}

/** Drops what the compiler says about values that could not even be read: that was said already. */
export function withoutEchoes(
  problems: readonly Problem[],
  readProblems: readonly Problem[],
): Problem[] {
  const place = ({ position }: Problem) => `${position.file}:${position.line}:${position.column}`;
  const said = new Map(readProblems.map((problem) => [place(problem), problem.message]));
  return problems.filter((problem) => {
    const message = said.get(place(problem));
    return message === undefined || message === problem.message;
  });
}

/** The place of the value at a path, or of its key: what is nearest to it. */
function spotOf(root: LocatedNode, path: readonly PropertyKey[]): Spot {
  const { node, entry, depth } = descend(root, path);
  return depth === path.length && entry !== null ? entry.value.at : node.at;
}

class Builder {
  /** Places that are not in the text, or not found in it by reading: spot −1 is the first one. */
  readonly sites: Position[] = [];
  readonly start: Spot;
  tooDeep: Spot | null = null;
  readonly #text: string;
  readonly #taskSites: ReadonlyMap<string, Position>;
  readonly #literals = new Map<ScalarNode, Extract<Literal, { kind: "text" }>>();

  constructor(text: string, sites: CallSites, foundAt: number) {
    this.#text = text;
    this.#taskSites = sites.tasks;
    this.start = sites.flow === null || foundAt > 0 ? foundAt : this.#addSite(sites.flow);
  }

  #addSite(position: Position): Spot {
    return -this.sites.push(position);
  }

  textSpot(node: ScalarNode, index: number): Spot {
    const literal = this.#literals.get(node);
    if (literal === undefined || typeof node.value !== "string") return node.at;
    return literalTextOffset(this.#text, literal, node.value, index);
  }

  /** @param around the place of what holds this value, for values that the text does not show */
  build(
    value: Json,
    literal: Literal | null,
    path: readonly string[],
    around: Spot,
    depth: number,
  ): LocatedNode {
    const site =
      path.length === 2 && path[0] === "tasks" ? this.#taskSites.get(path[1] ?? "") : undefined;
    const known = literal !== null && literal.kind !== "other";
    const at = site !== undefined && !known ? this.#addSite(site) : (literal?.at ?? around);
    if (depth > MAX_DEPTH) {
      this.tooDeep ??= at;
      return { kind: "scalar", at, value: null, source: "", untyped: false };
    }
    if (Array.isArray(value)) {
      const items = literal?.kind === "list" ? literal.items : [];
      const build = (item: Json, index: number) =>
        this.build(item, items[index] ?? null, [...path, String(index)], at, depth + 1);
      return { kind: "list", at, items: value.map(build) };
    }
    if (typeof value === "object" && value !== null) {
      const known = literal?.kind === "map" ? literal.entries : null;
      const entries = new Map<string, MapEntry>();
      for (const [key, child] of Object.entries(value)) {
        const own = known?.get(key);
        const keyAt = own?.at ?? at;
        const node = this.build(child, own?.value ?? null, [...path, key], keyAt, depth + 1);
        entries.set(key, { key, at: own === undefined ? node.at : keyAt, value: node });
      }
      return { kind: "map", at, entries, repeated: [] };
    }
    const source = typeof value === "string" ? value : String(value);
    const node: ScalarNode = { kind: "scalar", at, value, source, untyped: false };
    if (literal?.kind === "text") this.#literals.set(node, literal);
    return node;
  }
}

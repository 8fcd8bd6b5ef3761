import type { Position, Problem } from "#server/core/errors.ts";
import {
  descend,
  type LocatedDocument,
  type LocatedNode,
  lineIndex,
  MAX_DEPTH,
  type MapEntry,
  type Spot,
} from "#server/core/flow/read/located.ts";
import { ProblemList } from "#server/core/flow/read/problem-list.ts";
import { quote } from "#server/core/flow/read/suggest.ts";
import type { Json } from "#server/core/flow/spec.ts";
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
 * Spots are numbers of values; the text is only read when somebody asks where one of them stands.
 * @param file  how the source is named in problems
 * @param sites asked for at most once
 */
export function typescriptDocument(
  file: string,
  text: string,
  evaluation: Extract<Evaluation, { ok: true }>,
  sites: () => CallSites,
): LocatedDocument {
  const locateOffset = lineIndex(file, text);
  let known: Places | null = null;
  const places = (): Places => {
    known ??= findPlaces(text, evaluation.definition, sites());
    return known;
  };
  const position = (place: Place): Position =>
    typeof place === "number" ? locateOffset(place) : place;
  const locate = (spot: Spot): Position => position(places().spots[spot] ?? 0);
  const problems = new ProblemList();
  const numbering = new Numbering();
  const root = numbering.node(evaluation.definition, 1);
  if (numbering.tooDeep !== null) {
    problems.add(
      "TOO_DEEP",
      locate(numbering.tooDeep),
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
    locateText: (node, index) => {
      const literal = places().texts.get(node.at);
      if (literal === undefined || typeof node.value !== "string") return locate(node.at);
      return locateOffset(literalTextOffset(text, literal, node.value, index));
    },
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

/** Makes the nodes of a definition; their spots count values and keys in the order of `PlaceFinder`. */
class Numbering {
  tooDeep: Spot | null = null;
  #next = 0;

  node(value: Json, depth: number): LocatedNode {
    const at = this.#next++;
    if (depth > MAX_DEPTH) {
      this.tooDeep ??= at;
      return { kind: "scalar", at, value: null, source: "", untyped: false };
    }
    if (Array.isArray(value)) {
      return { kind: "list", at, items: value.map((item) => this.node(item, depth + 1)) };
    }
    if (typeof value === "object" && value !== null) {
      const entries = new Map<string, MapEntry>();
      for (const key of Object.keys(value)) {
        const keyAt = this.#next++;
        entries.set(key, { key, at: keyAt, value: this.node(value[key] ?? null, depth + 1) });
      }
      return { kind: "map", at, entries, repeated: [] };
    }
    return { kind: "scalar", at, value, source: String(value), untyped: false };
  }
}

/** An offset in the text, or a position that is not in it or not found in it by reading. */
type Place = number | Position;

interface Places {
  /** By spot. */
  spots: Place[];
  /** The literals of texts, by spot. */
  texts: ReadonlyMap<Spot, Extract<Literal, { kind: "text" }>>;
}

function findPlaces(text: string, definition: Json, sites: CallSites): Places {
  const found = findDefinition(text);
  const foundAt = found?.literal.at ?? found?.callAt ?? 0;
  const start = sites.flow === null || foundAt > 0 ? foundAt : sites.flow;
  const finder = new PlaceFinder(sites.tasks);
  finder.visit(definition, found?.literal ?? null, [], start, 1);
  return finder;
}

class PlaceFinder implements Places {
  readonly spots: Place[] = [];
  readonly texts = new Map<Spot, Extract<Literal, { kind: "text" }>>();
  readonly #taskSites: ReadonlyMap<string, Position>;

  constructor(taskSites: ReadonlyMap<string, Position>) {
    this.#taskSites = taskSites;
  }

  /**
   * @param around the place of what holds this value, for values that the text does not show
   * @returns the place of the value
   */
  visit(
    value: Json,
    literal: Literal | null,
    path: readonly string[],
    around: Place,
    depth: number,
  ): Place {
    const site =
      path.length === 2 && path[0] === "tasks" ? this.#taskSites.get(path[1] ?? "") : undefined;
    const isKnown = literal !== null && literal.kind !== "other";
    const at = site !== undefined && !isKnown ? site : (literal?.at ?? around);
    const spot = this.spots.push(at) - 1;
    if (depth > MAX_DEPTH) return at;
    if (Array.isArray(value)) {
      const items = literal?.kind === "list" ? literal.items : [];
      for (const [index, item] of value.entries()) {
        this.visit(item, items[index] ?? null, [...path, String(index)], at, depth + 1);
      }
    } else if (typeof value === "object" && value !== null) {
      const known = literal?.kind === "map" ? literal.entries : null;
      for (const [key, child] of Object.entries(value)) {
        const own = known?.get(key);
        const keySpot = this.spots.push(own?.at ?? at) - 1;
        const place = this.visit(
          child,
          own?.value ?? null,
          [...path, key],
          own?.at ?? at,
          depth + 1,
        );
        if (own === undefined) this.spots[keySpot] = place;
      }
    } else if (literal?.kind === "text") {
      this.texts.set(spot, literal);
    }
    return at;
  }
}

import { textFault } from "#server/core/flow/names.ts";
import type { Json } from "#server/core/flow/spec.ts";
import { inputFault } from "#server/core/input-fault.ts";
import { parseParam } from "#server/core/run/param-filter.ts";
import { type RunState, type RunTrigger, runStates, runTriggers } from "#server/core/run/states.ts";
import type { RunFilter } from "#server/core/run/view.ts";

/** The filters of the list of runs as they stand in the URL; an empty value filters nothing. */
export interface RunQuery {
  flow: string;
  state: RunState[];
  trigger: RunTrigger[];
  /** Days in UTC, `YYYY-MM-DD`: runs whose interval starts on or after `from` and before `to`. */
  from: string;
  to: string;
  /** `name=value`, each. */
  param: string[];
  identity: string;
  /** Id of a backfill. */
  backfill: string;
}

export const EMPTY_QUERY: RunQuery = {
  flow: "",
  state: [],
  trigger: [],
  from: "",
  to: "",
  param: [],
  identity: "",
  backfill: "",
};

const day = /^\d{4}-\d{2}-\d{2}$/;
const number = /^[1-9]\d{0,17}$/;
const hash = /^[0-9a-f]{64}$/;
/** Longest name and greatest depth of a parameter that is looked for. */
const MAX_NAME = 200;
const MAX_DEPTH = 50;

/** Reads the search parameters of a page, once or several times given. Unknown values are left out. */
export function parseRunQuery(
  params: Readonly<Record<string, string | string[] | undefined>>,
): RunQuery {
  const all = (name: string) => {
    const value = params[name];
    return value === undefined ? [] : Array.isArray(value) ? value : [value];
  };
  const one = (name: string) => all(name)[0] ?? "";
  const words = (name: string) => all(name).flatMap((value) => value.split(","));
  const stateWords = new Set(words("state"));
  const triggerWords = new Set(words("trigger"));
  return {
    flow: textFault(one("flow")) === null ? one("flow").slice(0, 128) : "",
    state: runStates.filter((state) => stateWords.has(state)),
    trigger: runTriggers.filter((trigger) => triggerWords.has(trigger)),
    from: isDay(one("from")) ? one("from") : "",
    to: isDay(one("to")) ? one("to") : "",
    param: all("param").filter((text) => {
      const param = parseParam(text);
      return param !== null && canBeAsked(param);
    }),
    identity: hash.test(one("identity")) ? one("identity") : "",
    backfill: number.test(one("backfill")) ? one("backfill") : "",
  };
}

/** Reads `before`: the run that a page of the list begins after, or null for its first page. */
export function parseBefore(value: string | string[] | null | undefined): string | null {
  return typeof value === "string" && number.test(value) ? value : null;
}

/** The filter that the API takes. */
export function runFilterOf(query: RunQuery): RunFilter {
  const params: Record<string, Json> = {};
  for (const text of query.param) {
    const param = parseParam(text);
    if (param !== null) params[param.name] = param.value;
  }
  return {
    ...(query.flow === "" ? {} : { flow: query.flow }),
    ...(query.state.length === 0 ? {} : { state: query.state }),
    ...(query.trigger.length === 0 ? {} : { trigger: query.trigger }),
    ...(query.from === "" ? {} : { intervalFrom: `${query.from}T00:00:00.000Z` }),
    ...(query.to === "" ? {} : { intervalTo: `${query.to}T00:00:00.000Z` }),
    ...(Object.keys(params).length === 0 ? {} : { params }),
    ...(query.identity === "" ? {} : { identity: query.identity }),
    ...(query.backfill === "" ? {} : { backfill: query.backfill }),
  };
}

export const isFiltered = (query: RunQuery): boolean =>
  Object.values(query).some((value) => value.length > 0);

/** `name=value` such that reading it gives the same value. */
export function paramFilter(name: string, value: Json): string {
  const plain = typeof value === "string" && parseParam(`${name}=${value}`)?.value === value;
  return `${name}=${plain ? value : JSON.stringify(value)}`;
}

/**
 * The list of runs with a filter.
 * @returns null when its address cannot say it: another time than midnight in UTC, a parent
 */
export function runsHref(filter: RunFilter): string | null {
  const { intervalFrom, intervalTo, parent, params = {}, state, trigger, ...plain } = filter;
  const words: [string, string][] = [];
  for (const [name, value] of Object.entries(plain)) {
    if (value !== undefined) words.push([name, value]);
  }
  if (state !== undefined) words.push(["state", state.join(",")]);
  if (trigger !== undefined) words.push(["trigger", trigger.join(",")]);
  if (intervalFrom !== undefined) words.push(["from", intervalFrom.slice(0, 10)]);
  if (intervalTo !== undefined) words.push(["to", intervalTo.slice(0, 10)]);
  for (const [name, value] of Object.entries(params))
    words.push(["param", paramFilter(name, value)]);
  const said = runFilterOf(parseRunQuery(groupOf(words)));
  if (canonical(said) !== canonical(filter)) return null;
  return words.length === 0 ? "/runs" : `/runs?${new URLSearchParams(words)}`;
}

function groupOf(words: readonly [string, string][]): Record<string, string[]> {
  const grouped: Record<string, string[]> = {};
  for (const [name, value] of words) grouped[name] = [...(grouped[name] ?? []), value];
  return grouped;
}

/** A filter as text, the same for filters that mean the same. */
function canonical({ state, trigger, params, ...plain }: RunFilter): string {
  const sorted = (value: object | undefined) => Object.entries(value ?? {}).sort(byName);
  return JSON.stringify([sorted(plain), sorted(params), state?.toSorted(), trigger?.toSorted()]);
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : a > b ? 1 : 0);

/** Whether the API can be asked for it. */
function canBeAsked({ name, value }: { name: string; value: Json }): boolean {
  return name.length <= MAX_NAME && inputFault({ [name]: value }, MAX_DEPTH) === null;
}

function isDay(text: string): boolean {
  if (!day.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00.000Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

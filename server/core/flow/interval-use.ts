import { calledFlow } from "./calls.ts";
import type { FlowSpec, Json } from "./spec.ts";
import type { TaskTypes } from "./task-type.ts";
import { parseConditionText } from "./template/condition-syntax.ts";
import { isTemplate } from "./template/template.ts";
import { analyzeTemplate } from "./template/template-check.ts";

/** The first place in a flow that reads its run's interval. */
export interface IntervalUse {
  task: string;
  /** As written in templates: `interval.start`. */
  variable: string;
}

/**
 * Finds the first template or condition that reads `interval.*`; runs of such a flow need an
 * interval. One that stands in a branch counts as well, and so does one under `writes`. What the
 * code of a TypeScript task reads cannot be known.
 * @param types tell which settings are no templates
 * @returns null when no interval is needed
 */
export function findIntervalUse(
  { tasks }: Pick<FlowSpec, "tasks">,
  types: TaskTypes,
): IntervalUse | null {
  for (const [task, spec] of Object.entries(tasks)) {
    const verbatim = types.get(spec.type)?.verbatim ?? [];
    const settings = Object.entries(spec.with).filter(([key]) => !verbatim.includes(key));
    const variable =
      inValue([spec.env, { ...spec.writes }, ...settings.map(([, value]) => value)]) ??
      inCondition(spec.if) ??
      inList(spec.forEach?.over);
    if (variable !== null) return { task, variable };
  }
  return null;
}

/** A called flow that reads the interval which it is handed. */
export interface CalledIntervalUse extends IntervalUse {
  flow: string;
}

/**
 * Finds the first flow, nearest ones first, that reads its interval and gets that of the run at the
 * top: not those behind a task that gives an interval of its own.
 * @param specs of the flows that are reached, by id; those that are missing are passed over
 */
export function findCalledIntervalUse(
  root: Pick<FlowSpec, "tasks">,
  specs: ReadonlyMap<string, Pick<FlowSpec, "tasks">>,
  types: TaskTypes,
): CalledIntervalUse | null {
  const reached = new Set(handedOn(root));
  for (const flow of reached) {
    const spec = specs.get(flow);
    if (spec === undefined) continue;
    const use = findIntervalUse(spec, types);
    if (use !== null) return { flow, ...use };
    for (const further of handedOn(spec)) reached.add(further);
  }
  return null;
}

/** Flows that a flow's tasks run with the interval of its own run. */
function handedOn({ tasks }: Pick<FlowSpec, "tasks">): string[] {
  return Object.values(tasks).flatMap((task) => {
    const called = calledFlow(task);
    return called === null || task.with.interval !== undefined ? [] : [called];
  });
}

function inValue(value: Json): string | null {
  if (typeof value === "string") return isTemplate(value) ? inTemplate(value) : null;
  if (typeof value !== "object" || value === null) return null;
  for (const child of Object.values(value)) {
    const found = inValue(child);
    if (found !== null) return found;
  }
  return null;
}

function inCondition(condition: string | undefined): string | null {
  if (condition === undefined || !condition.includes("interval")) return null;
  for (const { text } of parseConditionText(condition).expressions) {
    const found = inTemplate(`{{${text}}}`);
    if (found !== null) return found;
  }
  return null;
}

function inList(over: Json | undefined): string | null {
  return typeof over === "string" ? inTemplate(`{{${over}}}`) : null;
}

function inTemplate(text: string): string | null {
  // Most templates do not even hold the word, and parsing takes long.
  if (!text.includes("interval")) return null;
  const use = analyzeTemplate(text).uses.find(({ path }) => path[0] === "interval");
  return use === undefined ? null : use.path.map((step) => step ?? "…").join(".");
}

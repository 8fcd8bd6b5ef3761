import { nearest, quote } from "../read/suggest.ts";
import type { TemplateFault, VariableUse } from "./template-check.ts";

/** What the templates and conditions of one place in a flow may read. */
export interface VariableScope {
  params: readonly string[];
  /** Whether the task exists at all. */
  hasTask(id: string): boolean;
  /** Whether the task always runs before the place, directly needed or through others. */
  isUpstream(id: string): boolean;
  upstream(): readonly string[];
  /** False under `defaults`, which belong to no task. */
  inTask: boolean;
  /** What a task with `for_each` works on; null for any other place. */
  sees: "item" | "items" | null;
}

const fields: Readonly<Record<string, readonly string[]>> = {
  interval: ["start", "end"],
  run: ["identity", "timezone"],
  flow: ["id"],
};
const roots = ["params", "tasks", ...Object.keys(fields)];
/** Only texts of a task with `for_each` have these. */
const eachRoots = ["item", "items", "index"];
const EXAMPLES =
  "params.<name>, interval.start, interval.end, run.identity, flow.id, tasks.<id>.output";

/** Says why a variable can have no value at this place, or null when it can. */
export function checkVariable(use: VariableUse, scope: VariableScope): TemplateFault | null {
  const [root, field, third] = use.path;
  const name = use.path.map((step) => step ?? "…").join(".");
  const fault = (message: string, fix: string): TemplateFault => ({
    code: "TEMPLATE_UNKNOWN_VARIABLE",
    message,
    fix,
    index: use.index,
  });
  const unknown = (known: readonly string[], prefix: string, otherwise: string) => {
    const near = nearest(String(field ?? ""), known);
    const fix = near === null ? otherwise : `Did you mean "${prefix}${near}"?`;
    return fault(`There is no variable ${quote(name)}.`, fix);
  };
  if (typeof root === "string" && eachRoots.includes(root)) {
    if (scope.sees !== null && (root === scope.sees || root === "index")) return null;
    return fault(
      `There is no variable ${quote(name)} here.`,
      scope.sees === null
        ? "Set for_each, or use another variable."
        : scope.sees === "item"
          ? "Without batch a task run sees one item: write item."
          : "With batch a task run sees a list: write items.",
    );
  }
  if (typeof root !== "string" || !roots.includes(root)) {
    if (root === "now" || root === "today") {
      return fault(
        "Templates have no current time, so that equal runs stay equal.",
        "Use interval.start, or take the time inside the task.",
      );
    }
    const near = nearest(String(root), roots);
    return fault(
      `There is no variable ${quote(name)}.`,
      near === null ? `Use one of: ${EXAMPLES}.` : `Did you mean "${near}"?`,
    );
  }
  if (field === null) return null; // chosen while rendering, which is strict
  if (root === "params") {
    if (field === undefined) return null;
    if (scope.params.includes(String(field))) return null;
    return unknown(scope.params, "params.", `Declare it under params, or remove it here.`);
  }
  if (root === "tasks") return checkOutput(use, scope, fault);
  const known = fields[root] ?? [];
  if (field === undefined || (known.includes(String(field)) && third === undefined)) return null;
  if (root === "run" && field === "id") {
    return fault(
      "run.id would differ between equal runs, so templates do not have it.",
      "Use run.identity.",
    );
  }
  return unknown(known, `${root}.`, `Use ${known.map((key) => `${root}.${key}`).join(" or ")}.`);
}

function checkOutput(
  use: VariableUse,
  scope: VariableScope,
  fault: (message: string, fix: string) => TemplateFault,
): TemplateFault | null {
  const [, task, field] = use.path;
  if (task === undefined) return null;
  const id = String(task);
  if (!scope.inTask) {
    return fault(
      "Defaults belong to no task, so they cannot read outputs.",
      "Write this value in the tasks that need it.",
    );
  }
  if (!scope.hasTask(id)) {
    const near = nearest(id, scope.upstream());
    return fault(
      `There is no task ${quote(id)}.`,
      near === null ? "Name a task that this task needs." : `Did you mean "tasks.${near}"?`,
    );
  }
  if (!scope.isUpstream(id)) {
    return fault(
      `The task ${quote(id)} does not come before this one, so its output may not exist yet.`,
      `Add ${quote(id)} to needs.`,
    );
  }
  if (field === undefined || field === null || field === "output") return null;
  return fault(
    `A task has no ${quote(String(field))} here, only its output.`,
    `Write ${quote(`tasks.${id}.output`)}.`,
  );
}

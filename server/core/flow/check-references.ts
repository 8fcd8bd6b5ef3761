import { unreachable } from "../errors.ts";
import { buildGraph, cyclePath, upstreamOf } from "./graph/graph.ts";
import type { ScalarNode } from "./read/located.ts";
import type { ReadFlow } from "./read/read-flow.ts";
import type { ReadTask } from "./read/read-task.ts";
import type { Reader } from "./read/reader.ts";
import { didYouMean, quote } from "./read/suggest.ts";
import type { FlowGraph } from "./spec.ts";
import { ConditionError, parseConditionText } from "./template/condition-syntax.ts";
import { analyzeTemplate, type TemplateAnalysis } from "./template/template-check.ts";
import { checkVariable, type VariableScope } from "./template/variables.ts";

/**
 * Checks what refers to something else: needs, templates and conditions.
 * @returns the graph, or null when needs are wrong
 */
export function checkReferences(reader: Reader, flow: ReadFlow): FlowGraph | null {
  const graph = checkNeeds(reader, flow);
  checkTemplates(reader, flow, graph);
  return graph;
}

function checkNeeds(reader: Reader, flow: ReadFlow): FlowGraph | null {
  const ids = [...flow.tasks.keys()];
  const edges: Record<string, { needs: string[] }> = {};
  let isSound = true;
  for (const [id, task] of flow.tasks) {
    const known = new Set<string>();
    for (const need of task?.needs ?? []) {
      const fault = needFault(id, need.id, known, flow.tasks);
      if (fault === null) {
        known.add(need.id);
        continue;
      }
      isSound = false;
      switch (fault) {
        case "unknown":
          reader.report(
            "UNKNOWN_TASK",
            need.at,
            `The task ${quote(id)} needs ${quote(need.id)}, which does not exist.`,
            didYouMean(
              need.id,
              ids.filter((other) => other !== id),
              "Correct the id, or add the task.",
            ),
          );
          break;
        case "self":
          reader.report(
            "CYCLE",
            need.at,
            `The task ${quote(id)} needs itself.`,
            "Remove it from its own needs.",
          );
          break;
        case "repeated":
          reader.report(
            "DUPLICATE_KEY",
            need.at,
            `The task ${quote(id)} needs ${quote(need.id)} twice.`,
            "Name it once.",
          );
          break;
        default:
          unreachable(fault);
      }
    }
    edges[id] = { needs: [...known] };
  }
  const built = buildGraph(edges);
  if (built.ok) return isSound ? built.graph : null;
  for (const cycle of built.cycles) reportCycle(reader, flow, cycle);
  return null;
}

function needFault(
  id: string,
  need: string,
  known: ReadonlySet<string>,
  tasks: ReadonlyMap<string, unknown>,
): "unknown" | "self" | "repeated" | null {
  if (need === id) return "self";
  if (known.has(need)) return "repeated";
  return tasks.has(need) ? null : "unknown";
}

/** Reports a cycle where its first task names the last one. */
function reportCycle(reader: Reader, flow: ReadFlow, cycle: readonly string[]): void {
  const [first = ""] = cycle;
  const last = cycle.at(-1);
  const task = flow.tasks.get(first);
  const need = task?.needs.find(({ id }) => id === last);
  reader.report(
    "CYCLE",
    need?.at ?? task?.entry.at ?? 0,
    `Tasks wait for each other: ${cyclePath(cycle)}.`,
    "Remove one of these needs.",
  );
}

function checkTemplates(reader: Reader, flow: ReadFlow, graph: FlowGraph | null): void {
  const analyses = new Map<string, TemplateAnalysis>();
  const analyze = (text: string): TemplateAnalysis => {
    const known = analyses.get(text) ?? analyzeTemplate(text);
    analyses.set(text, known);
    return known;
  };
  const params = Object.keys(flow.params);
  const place = placesOf(flow, graph);
  for (const node of flow.defaultTemplates) {
    checkTemplate(reader, node, analyze, { ...place(null), params, inTask: false, sees: null });
  }
  for (const task of flow.tasks.values()) {
    if (task === null) continue;
    if (reader.problems.isFull) return;
    const scope: VariableScope = { ...place(task.id), params, inTask: true, sees: null };
    const own = { ...scope, sees: task.sees };
    for (const node of task.templates) checkTemplate(reader, node, analyze, own);
    checkCondition(reader, task, analyze, scope);
    checkList(reader, task, analyze, scope);
  }
}

/** Without a sound graph nobody knows what comes before what, so every task counts as upstream. */
function placesOf(
  flow: ReadFlow,
  graph: FlowGraph | null,
): (id: string | null) => Omit<VariableScope, "params" | "inTask" | "sees"> {
  const hasTask = (id: string) => flow.tasks.has(id);
  if (graph === null) {
    const all = [...flow.tasks.keys()];
    return () => ({ hasTask, isUpstream: hasTask, upstream: () => all });
  }
  const ordinals = new Map(graph.taskIds.map((id, ordinal) => [id, ordinal]));
  const upstream = upstreamOf(graph);
  return (id) => {
    const own = ordinals.get(id ?? "") ?? -1;
    return {
      hasTask,
      isUpstream: (other) => upstream.has(own, ordinals.get(other) ?? -1),
      upstream: () => upstream.list(own).map((ordinal) => graph.taskIds[ordinal] ?? ""),
    };
  };
}

function checkTemplate(
  reader: Reader,
  node: ScalarNode,
  analyze: (text: string) => TemplateAnalysis,
  scope: VariableScope,
): void {
  const { uses, fault } = analyze(String(node.value));
  if (fault !== null) reader.reportText(node, fault.index, fault);
  for (const use of uses) {
    const unknown = checkVariable(use, scope);
    if (unknown !== null) reader.reportText(node, unknown.index, unknown);
  }
}

/** `for_each` is one expression; its list is made before any item is there. */
function checkList(
  reader: Reader,
  { list: node }: ReadTask,
  analyze: (text: string) => TemplateAnalysis,
  scope: VariableScope,
): void {
  if (node === null) return;
  const { uses, fault } = analyze(`{{${node.source}}}`);
  if (fault !== null) reader.reportText(node, Math.max(0, fault.index - 2), fault);
  for (const use of uses) {
    const unknown = checkVariable(use, scope);
    if (unknown !== null) reader.reportText(node, Math.max(0, unknown.index - 2), unknown);
  }
}

function checkCondition(
  reader: Reader,
  { condition: node }: ReadTask,
  analyze: (text: string) => TemplateAnalysis,
  scope: VariableScope,
): void {
  if (node === null) return;
  const [, before = ""] = /^(\s*)/.exec(node.source) ?? [];
  const text = node.source.trim();
  const braces = /^\{\{(.*)\}\}$/s.exec(text);
  try {
    if (braces !== null) {
      throw new ConditionError(
        "A condition is an expression, not a template.",
        `Write ${braces[1]?.trim()} without the braces.`,
        0,
      );
    }
    for (const { text: expression, index } of parseConditionText(text).expressions) {
      const at = before.length + index;
      const { uses, fault } = analyze(`{{${expression}}}`);
      if (fault !== null) {
        const code = fault.code === "TEMPLATE_SYNTAX" ? "INVALID_CONDITION" : fault.code;
        reader.reportText(node, at + Math.max(0, fault.index - 2), { ...fault, code });
      }
      for (const use of uses) {
        const unknown = checkVariable(use, scope);
        if (unknown !== null) reader.reportText(node, at + unknown.index - 2, unknown);
      }
    }
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error;
    const { message, fix } = error;
    reader.reportText(node, before.length + error.index, {
      code: "INVALID_CONDITION",
      message,
      fix,
    });
  }
}

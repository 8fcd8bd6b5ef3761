import { Drop } from "liquidjs";
import { AppError, unreachable } from "../../errors.ts";
import type { TaskState } from "../../run/states.ts";
import { type ConditionNode, parseConditionText, type StatusFunction } from "./condition-syntax.ts";
import { evaluateExpression, type TemplateScope } from "./template.ts";

/** A parsed `if:`. */
export interface Condition {
  root: ConditionNode;
}

export interface ConditionInput {
  /** States of the tasks that the task needs directly; all of them have ended. */
  needs: readonly TaskState[];
  scope: TemplateScope;
}

/**
 * Parses the condition of a task: `success()`, `failure()`, `always()` and comparisons of parameters
 * and outputs, joined with `&&`/`and`, `||`/`or`, `!`/`not` and parentheses. A condition that names
 * no status function means `success() and (…)`.
 * @throws ConditionError with the index of the character that is wrong
 */
export function parseCondition(text: string): Condition {
  const { root, usesStatus } = parseConditionText(text);
  if (usesStatus) return { root };
  return { root: { kind: "and", parts: [{ kind: "status", name: "success" }, root] } };
}

/**
 * Decides whether a task whose needs have all ended is to be executed.
 * @throws AppError TEMPLATE_UNKNOWN_VARIABLE when an output lacks what the condition reads, or
 *   INVALID_CONDITION when values of different kinds are put in order
 */
export function evaluateCondition(condition: Condition, input: ConditionInput): boolean {
  return evaluate(condition.root, input);
}

function evaluate(node: ConditionNode, input: ConditionInput): boolean {
  switch (node.kind) {
    case "status":
      return statusHolds(node.name, input.needs);
    case "and":
      return node.parts.every((part) => evaluate(part, input));
    case "or":
      return node.parts.some((part) => evaluate(part, input));
    case "not":
      return !evaluate(node.part, input);
    case "value":
      return isTruthy(evaluateExpression(node.expression.text, input.scope));
    case "comparison": {
      const left = evaluateExpression(node.left.text, input.scope);
      const right = evaluateExpression(node.right.text, input.scope);
      switch (node.operator) {
        case "==":
          return isEqual(left, right);
        case "!=":
          return !isEqual(left, right);
        case "contains":
          return contains(left, right);
        default:
          return isOrdered(node.operator, left, right);
      }
    }
    default:
      return unreachable(node);
  }
}

/**
 * `success()`: every need succeeded or was reused. `failure()`: some need failed, or did not run
 * because something before it failed. A skipped or cancelled need is neither.
 */
function statusHolds(name: StatusFunction, needs: readonly TaskState[]): boolean {
  switch (name) {
    case "always":
      return true;
    case "success":
      return needs.every((state) => state === "succeeded" || state === "reused");
    case "failure":
      return needs.some((state) => state === "failed" || state === "upstream_failed");
    default:
      return unreachable(name);
  }
}

/** As in Liquid: only null and false are not true. */
function isTruthy(value: unknown): boolean {
  const plain = isLiteral(value) ? value.valueOf() : value;
  return plain !== null && plain !== undefined && plain !== false;
}

/** LiquidJS gives objects for the words nil, null, empty and blank. */
interface Literal {
  equals(value: unknown): boolean;
}

function isLiteral(value: unknown): value is Literal {
  return value instanceof Drop && "equals" in value;
}

/** Equal kind and equal value; `1` and `"1"` differ. Lists and maps are equal by content. */
function isEqual(left: unknown, right: unknown): boolean {
  if (isLiteral(right)) return right.equals(left);
  if (isLiteral(left)) return left.equals(right);
  if (typeof left === "object" && typeof right === "object" && left !== null && right !== null) {
    if (Array.isArray(left) !== Array.isArray(right)) return false;
    const [a, b] = [Object.entries(left), new Map(Object.entries(right))];
    return (
      a.length === b.size && a.every(([key, value]) => b.has(key) && isEqual(value, b.get(key)))
    );
  }
  return (left ?? null) === (right ?? null);
}

function contains(left: unknown, right: unknown): boolean {
  if (typeof left === "string") return typeof right === "string" && left.includes(right);
  return Array.isArray(left) && left.some((item) => isEqual(item, right));
}

function isOrdered(operator: "<" | "<=" | ">" | ">=", left: unknown, right: unknown): boolean {
  const ordered =
    (typeof left === "number" && typeof right === "number") ||
    (typeof left === "string" && typeof right === "string");
  if (!ordered) {
    throw new AppError(
      "INVALID_CONDITION",
      `The condition puts ${kindOf(left)} and ${kindOf(right)} in order with ${operator}.`,
      { fix: "Compare numbers with numbers and text with text." },
    );
  }
  if (operator === "<") return left < right;
  if (operator === "<=") return left <= right;
  return operator === ">" ? left > right : left >= right;
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined || isLiteral(value)) return "nothing";
  if (Array.isArray(value)) return "a list";
  return typeof value === "string" ? "text" : `a ${typeof value}`;
}

import { type Template, UndefinedVariableError } from "liquidjs";
import { AppError } from "../../errors.ts";
import { quote } from "../read/suggest.ts";
import type { Json } from "../spec.ts";
import { liquid, MAX_TEMPLATE } from "./template-engine.ts";

/** Everything that templates and conditions can see. Equal runs have equal scopes. */
export interface TemplateScope {
  params: Record<string, Json>;
  /** Instants in ISO 8601, UTC; null for a run without an interval. */
  interval: { start: string; end: string } | null;
  /** IANA name; seen as `run.timezone`. */
  timezone: string;
  run: { identity: string };
  flow: { id: string };
  /** Outputs of the tasks upstream. */
  tasks: Record<string, { output: Json }>;
  /** What a task run of a task with `for_each` works on. */
  each?: EachScope;
}

/** One item, or a batch of them, with its place among the task runs of its task, from 0. */
export type EachScope = { index: number } & ({ item: Json } | { items: Json[] });

/** Parsed templates by text, least recently used first. Long texts are parsed each time. */
const cache = new Map<string, Template[]>();
const CACHED = 2_000;
const CACHED_LENGTH = 10_000;

/** Whether the text has anything to render. */
export function isTemplate(text: string): boolean {
  return text.includes("{{") || text.includes("{%");
}

/**
 * Renders one template, strictly: what is not there is an error, not an empty text.
 * @returns at most MAX_TEMPLATE characters
 * @throws AppError TEMPLATE_SYNTAX, TEMPLATE_UNKNOWN_VARIABLE or TEMPLATE_LIMIT
 */
export function renderTemplate(text: string, scope: TemplateScope): string {
  if (!isTemplate(text)) return text;
  try {
    const rendered: unknown = liquid.renderSync(parseTemplate(text), liquidScope(scope));
    if (typeof rendered !== "string" || rendered.length > MAX_TEMPLATE) {
      throw new RangeError("The rendered text is too long");
    }
    return rendered;
  } catch (error) {
    throw templateError(error, text, scope);
  }
}

/**
 * Renders every string in a value; keys stay as they are.
 * @param verbatim keys of the outermost map whose values are left alone
 * @throws AppError as renderTemplate
 */
export function renderWith(
  value: Json,
  scope: TemplateScope,
  verbatim: readonly string[] = [],
): Json {
  if (typeof value === "string") return renderTemplate(value, scope);
  if (Array.isArray(value)) return value.map((item) => renderWith(item, scope));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      key,
      verbatim.includes(key) ? child : renderWith(child, scope),
    ]),
  );
}

/**
 * The value of a Liquid expression: a literal, a path or a range, with filters.
 * @throws AppError as renderTemplate
 */
export function evaluateExpression(expression: string, scope: TemplateScope): unknown {
  try {
    return liquid.evalValueSync(expression, liquidScope(scope));
  } catch (error) {
    throw templateError(error, expression, scope);
  }
}

/**
 * Parses a template, or finds it parsed.
 * @throws LiquidError
 */
export function parseTemplate(text: string): Template[] {
  const known = cache.get(text);
  if (known !== undefined) {
    cache.delete(text);
    cache.set(text, known);
    return known;
  }
  const parsed = liquid.parse(text);
  if (text.length <= CACHED_LENGTH) {
    const [oldest] = cache.keys();
    if (cache.size >= CACHED && oldest !== undefined) cache.delete(oldest);
    cache.set(text, parsed);
  }
  return parsed;
}

function liquidScope(scope: TemplateScope): object {
  const { params, interval, timezone, run, flow, tasks, each = {} } = scope;
  // Without an interval its fields are unknown variables, not empty text.
  return { params, interval: interval ?? {}, run: { ...run, timezone }, flow, tasks, ...each };
}

function templateError(error: unknown, text: string, scope: TemplateScope): AppError {
  if (!(error instanceof Error)) throw error;
  const where = `in the template ${quote(text)}`;
  if (error instanceof UndefinedVariableError) {
    const [, name = ""] = /undefined variable: (\S+?),?(?: line:|$)/.exec(error.message) ?? [];
    const isInterval = scope.interval === null && name.startsWith("interval");
    return new AppError(
      "TEMPLATE_UNKNOWN_VARIABLE",
      isInterval
        ? `The variable "${name}" ${where} has no value, because the run has no interval.`
        : `The variable "${name}" ${where} has no value.`,
      {
        fix: isInterval
          ? "Start the run with an interval."
          : "Give it a value upstream, or use the filter default on a parameter.",
        cause: error,
      },
    );
  }
  const reason = error.message.replace(/, line:\d+, col:\d+$/s, "");
  if (/limit exceeded|too long|Invalid string length/.test(reason)) {
    return new AppError("TEMPLATE_LIMIT", `Rendering goes beyond its limits ${where}.`, {
      fix: "Make the loop or the text shorter.",
      cause: error,
    });
  }
  return new AppError("TEMPLATE_SYNTAX", `${reason} ${where}.`, {
    fix: "Correct the template.",
    cause: error,
  });
}

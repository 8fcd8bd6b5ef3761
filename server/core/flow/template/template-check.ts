import { ForTag, type Template, type Token, toValueSync, Variable } from "liquidjs";
import type { DefinitionCode } from "../../errors.ts";
import { didYouMean, quote } from "../read/suggest.ts";
import { isTemplate } from "./template.ts";
import { filterNames, liquid, MAX_TEMPLATE, tagNames } from "./template-engine.ts";

/** What is wrong with a template, and the index of the character where it is. */
export interface TemplateFault {
  code: DefinitionCode;
  message: string;
  fix: string;
  index: number;
}

/** A variable that a template reads. A step that is itself a variable is null. */
export interface VariableUse {
  path: readonly (string | number | null)[];
  index: number;
}

export interface TemplateAnalysis {
  uses: readonly VariableUse[];
  fault: TemplateFault | null;
}

/** Turns of nested loops over written-out numbers; more would end at the limits of rendering. */
const MAX_LITERAL_TURNS = 100_000;

/** Parses a template without rendering it, and lists the variables that it reads. */
export function analyzeTemplate(text: string): TemplateAnalysis {
  if (text.length > MAX_TEMPLATE) {
    const message = `The template is longer than ${MAX_TEMPLATE} characters.`;
    const fix = "Move the text into a file and name it under files.";
    return { uses: [], fault: { code: "TEMPLATE_LIMIT", message, fix, index: 0 } };
  }
  const plain = plainUses(text);
  if (plain !== null) return { uses: plain, fault: null };
  try {
    const parsed = liquid.parse(text);
    const loop = /\bfor\b/.test(text) ? longLoop(parsed, 1) : null;
    if (loop !== null) return { uses: [], fault: loop };
    return { uses: variablesOf(parsed, text), fault: null };
  } catch (error) {
    return { uses: [], fault: syntaxFault(error, text) };
  }
}

/**
 * The variables of a template that only prints paths of plain names, through known filters with
 * written-out arguments, as most do: found without parsing, which for ten thousand tasks is the
 * difference of a second. Null for any other template.
 */
function plainUses(text: string): VariableUse[] | null {
  const uses: VariableUse[] = [];
  let end = 0;
  for (const found of text.matchAll(PLAIN_OUTPUT)) {
    if (isTemplate(text.slice(end, found.index))) return null;
    end = found.index + found[0].length;
    for (const [, filter = ""] of (found[3] ?? "").matchAll(FILTER)) {
      if (!knownFilters.has(filter)) return null;
    }
    const path = (found[2] ?? "").split(".");
    uses.push({ path, index: found.index + (found[1] ?? "").length });
  }
  return isTemplate(text.slice(end)) ? null : uses;
}

const knownFilters: ReadonlySet<string> = new Set(filterNames);
const FILTER = /\|\s*([a-z_]+)(?:\s*:\s*(?:"[^"{}|\\\n]*"|'[^'{}|\\\n]*'|\d+))?/g;
const PLAIN_OUTPUT = new RegExp(
  `(\\{\\{-?\\s*)((?:params|interval|run|flow|tasks)(?:\\.[A-Za-z_][\\w-]*)+)((?:\\s*${FILTER.source.replace("(", "(?:")})*)\\s*\\}\\}`,
  "g",
);

function variablesOf(parsed: Template[], text: string): VariableUse[] {
  const { globals } = liquid.analyzeSync(parsed, { partials: false });
  const uses = Object.values(globals).flat();
  if (uses.length === 0) return [];
  const lines = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines.push(at + 1);
  return uses.map(({ segments, location }) => ({
    path: segments.map((segment) => (segment instanceof Variable ? null : segment)),
    index: (lines[location.row - 1] ?? 0) + location.col - 1,
  }));
}

function longLoop(templates: readonly Template[], turns: number): TemplateFault | null {
  for (const template of templates) {
    const count = template instanceof ForTag ? literalCount(template.collection) : 1;
    if (turns * count > MAX_LITERAL_TURNS) {
      return {
        code: "TEMPLATE_LIMIT",
        message: `The template loops more than ${MAX_LITERAL_TURNS} times.`,
        fix: "Make the loop shorter, or do it in the task.",
        index: template.token.begin,
      };
    }
    const children = template.children?.(false, true);
    if (children === undefined) continue;
    const found = longLoop(toValueSync(children), turns * count);
    if (found !== null) return found;
  }
  return null;
}

/** Length of a range of two numbers as written; 1 for every other collection. */
function literalCount(collection: unknown): number {
  const { input, begin, end } = collection as Token;
  const range = /^\(\s*(-?\d+)\s*\.\.\s*(-?\d+)\s*\)$/.exec(input.slice(begin, end));
  return range === null ? 1 : Math.max(1, Number(range[2]) - Number(range[1]) + 1);
}

function syntaxFault(error: unknown, text: string): TemplateFault {
  if (!(error instanceof Error)) throw error;
  const token = (error as { token?: Token }).token;
  const index = token?.begin ?? 0;
  const reason = error.message.replace(/, line:\d+, col:\d+$/s, "");
  const [, filter] = /^undefined filter: (.*)$/s.exec(reason) ?? [];
  if (filter !== undefined) {
    const within = text.slice(index, token?.end);
    const found = new RegExp(`\\|\\s*(?=${escapePattern(filter)}(?!\\w))`).exec(within);
    return {
      code: "TEMPLATE_UNKNOWN_FILTER",
      message: `There is no filter ${quote(filter)}.`,
      fix: didYouMean(filter, filterNames, "Look up the filters of LiquidJS."),
      index: found === null ? index : index + found.index + found[0].length,
    };
  }
  const [, tag] = /^tag "(.*)" not found$/s.exec(reason) ?? [];
  if (tag !== undefined) {
    return {
      code: "TEMPLATE_SYNTAX",
      message: `There is no template tag ${quote(tag)}.`,
      fix: didYouMean(
        tag,
        tagNames,
        "Write {% raw %}…{% endraw %} around text that is no template.",
      ),
      index,
    };
  }
  return {
    code: "TEMPLATE_SYNTAX",
    message: `The template is malformed: ${quote(reason).slice(1, -1)}.`,
    fix: "Correct it, or write {% raw %}…{% endraw %} around text that is no template.",
    index,
  };
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError } from "../../errors.ts";
import type { TaskState } from "../../run/states.ts";
import { evaluateCondition, parseCondition } from "./condition.ts";
import { ConditionError } from "./condition-syntax.ts";
import type { TemplateScope } from "./template.ts";

const scope: TemplateScope = {
  params: { mode: "full", n: 3, flag: false, none: null, list: ["a", 1], zero: 0, empty: "" },
  interval: null,
  timezone: "UTC",
  run: { identity: "f00d" },
  flow: { id: "f" },
  tasks: { "a-b": { output: { rows: 7, ok: true } }, silent: { output: null } },
};

const holds = (text: string, needs: readonly TaskState[] = ["succeeded"]): boolean =>
  evaluateCondition(parseCondition(text), { needs, scope });

describe("evaluateCondition", () => {
  it.each([
    { text: "success()", needs: ["succeeded", "reused"], want: true, why: "reused is as good" },
    { text: "success()", needs: ["succeeded", "skipped"], want: false, why: "skipped is none" },
    { text: "success()", needs: [], want: true, why: "nothing went wrong" },
    { text: "failure()", needs: ["succeeded", "failed"], want: true, why: "one is enough" },
    { text: "failure()", needs: ["upstream_failed"], want: true, why: "a failure further up" },
    { text: "failure()", needs: ["cancelled"], want: false, why: "cancelled is no failure" },
    { text: "always()", needs: ["cancelled", "failed"], want: true, why: "whatever happened" },
    { text: "params.n == 3", needs: ["failed"], want: false, why: "success() is meant as well" },
    { text: "params.n == 3", needs: ["reused"], want: true, why: "success() is meant as well" },
    { text: "failure() && params.n == 3", needs: ["failed"], want: true, why: "and" },
    { text: "failure() || always()", needs: [], want: true, why: "or" },
    { text: "success() or failure()", needs: ["skipped"], want: false, why: "neither" },
    { text: "!(failure()) and not false", needs: [], want: true, why: "not, both ways" },
  ] as { text: string; needs: TaskState[]; want: boolean; why: string }[])(
    "$text after $needs is $want: $why",
    ({ text, needs, want }) => {
      expect(holds(text, needs)).toBe(want);
    },
  );

  it.each([
    { text: "params.mode == 'full'", want: true, why: "text" },
    { text: "params.n == '3'", want: false, why: "a number is no text" },
    { text: "params.n != 4", want: true, why: "unequal" },
    { text: "params.n >= 3 and params.n < 4", want: true, why: "order of numbers" },
    { text: "params.mode > 'fulk'", want: true, why: "order of text" },
    { text: "params.list contains 1", want: true, why: "an item" },
    { text: "params.list contains '1'", want: false, why: "an item of another kind" },
    { text: "params.mode contains 'ul'", want: true, why: "a part of text" },
    { text: "params.mode | upcase == 'FULL'", want: true, why: "a filter" },
    {
      text: "params.mode | slice: 0, 2 == 'fu' and params.n == 3",
      want: true,
      why: "its arguments",
    },
    { text: "tasks.a-b.output.rows > 5", want: true, why: "an output" },
    { text: 'tasks["a-b"].output.ok', want: true, why: "a quoted id" },
    { text: "tasks.silent.output == nil", want: true, why: "no output" },
    { text: "params.none == null", want: true, why: "null" },
    { text: "params.flag", want: false, why: "false" },
    { text: "params.zero", want: true, why: "zero is not false, as in Liquid" },
    { text: "params.empty", want: true, why: "nor is empty text" },
    { text: "params.n == 3 or params.n == 4 and false", want: true, why: "and binds closer" },
    {
      text: "(params.n == 3 or params.n == 4) and false",
      want: false,
      why: "unless in parentheses",
    },
    { text: "false and tasks.a-b.output.gone", want: false, why: "what need not be read is not" },
  ])("$text is $want: $why", ({ text, want }) => {
    expect(holds(text)).toBe(want);
  });

  it.each([
    { text: "tasks.a-b.output.gone", code: "TEMPLATE_UNKNOWN_VARIABLE", why: "not in the output" },
    { text: "params.n > 'a'", code: "INVALID_CONDITION", why: "a number beside text" },
    { text: "params.none < 1", code: "INVALID_CONDITION", why: "nothing beside a number" },
  ])("$text throws $code: $why", ({ text, code }) => {
    expect(() => holds(text)).toThrow(expect.objectContaining({ code, name: "AppError" }));
  });

  it("follows the laws of logic", { timeout: 60_000 }, () => {
    interface Formula {
      text: string;
      value: boolean;
    }
    const formula = fc.letrec<{ any: Formula }>((tie) => ({
      any: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        fc.constantFrom(
          { text: "always()", value: true },
          { text: "failure()", value: false },
          { text: "params.n == 3", value: true },
          { text: "params.mode == 'none'", value: false },
        ),
        tie("any").map(({ text, value }) => ({ text: `!(${text})`, value: !value })),
        fc.tuple(tie("any"), tie("any"), fc.constantFrom("&&", "and")).map(([a, b, word]) => ({
          text: `(${a.text}) ${word} (${b.text})`,
          value: a.value && b.value,
        })),
        fc.tuple(tie("any"), tie("any"), fc.constantFrom("||", "or")).map(([a, b, word]) => ({
          text: `(${a.text})${word === "||" ? word : ` ${word} `}(${b.text})`,
          value: a.value || b.value,
        })),
      ),
    })).any;
    fc.assert(
      fc.property(formula, ({ text, value }) => {
        expect(holds(text)).toBe(value);
      }),
    );
  });
});

describe("parseCondition", () => {
  it.each([
    { text: "failed()", index: 0, why: "no such function" },
    { text: "success() and done()", index: 14, why: "no such function, further on" },
    { text: "params.n = 3", index: 9, why: "an assignment" },
    { text: "params.n ==", index: 11, why: "the right side is missing" },
    { text: "(always()", index: 9, why: "not closed" },
    { text: "always())", index: 8, why: "closed twice" },
    { text: "", index: 0, why: "empty" },
    { text: "always() always()", index: 9, why: "no operator" },
    { text: "success", index: -1, why: "a word is a variable, which the compiler refuses" },
    { text: `${"(".repeat(100)}`, index: 51, why: "too deep" },
    { text: `params.${"x".repeat(3_000)}`, index: 0, why: "too long" },
  ])("refuses $text: $why", ({ text, index }) => {
    try {
      parseCondition(text);
      expect(index).toBe(-1);
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error;
      expect(error.index).toBe(index);
      expect(error).not.toBeInstanceOf(AppError);
    }
  });
});

import { describe, expect, it } from "vitest";
import { checkOutput, MAX_OUTPUT_BYTES, parseOutput } from "./output.ts";

describe("the output of a task", () => {
  it("may be any JSON", () => {
    expect(parseOutput(' {"a": [1, null, "ü"], "b": true}\n')).toEqual({
      a: [1, null, "ü"],
      b: true,
    });
  });

  it.each([
    { text: "{", want: "is not JSON", why: "half a value" },
    { text: "{} {}", want: "is not JSON", why: "two values" },
    { text: '"a\\u0000b"', want: "NUL", why: "PostgreSQL cannot store it" },
    { text: '{"\\u0000": 1}', want: "NUL", why: "nor as a key" },
    { text: '"\\ud800"', want: "surrogate", why: "half a character" },
    { text: '"\\udc00\\ud800"', want: "surrogate", why: "two halves the wrong way round" },
    { text: "[1e400]", want: "too large", why: "it would become null without a word" },
    {
      text: `${"[".repeat(300)}${"]".repeat(300)}`,
      want: "deeper than 200",
      why: "nobody needs that",
    },
    {
      text: JSON.stringify("x".repeat(MAX_OUTPUT_BYTES)),
      want: "longer than 1 MB",
      why: "large data go to files",
    },
    {
      text: JSON.stringify("ü".repeat(MAX_OUTPUT_BYTES / 2)),
      want: "longer than 1 MB",
      why: "bytes count, not characters",
    },
  ])("must not be $want: $why", ({ text, want }) => {
    expect(() => parseOutput(text)).toThrow(want);
  });

  it("may have whole characters beyond the basic plane", () => {
    expect(parseOutput('"\\ud83d\\ude00"')).toBe("😀");
  });

  it("is checked as a value too", () => {
    expect(() => checkOutput({ a: "\0" })).toThrow("NUL");
    expect(() => checkOutput(["x".repeat(MAX_OUTPUT_BYTES)])).toThrow("1 MB");
    expect(checkOutput([1])).toEqual([1]);
  });
});

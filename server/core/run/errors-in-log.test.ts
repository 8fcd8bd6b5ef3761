import { describe, expect, it } from "vitest";
import { FirstErrorFinder, plainText } from "./errors-in-log.ts";

function firstError(lines: (string | ["stderr", string])[]) {
  const finder = new FirstErrorFinder();
  lines.forEach((line, index) => {
    if (typeof line === "string") finder.read(index + 1, line, "stdout");
    else finder.read(index + 1, line[1], line[0]);
  });
  return finder.best;
}

describe("the first error line", () => {
  it.each([
    { lines: [], want: null, why: "an empty log tells nothing" },
    {
      lines: ["starting", "ERROR cannot open x", "ERROR second"],
      want: { line: 2, text: "ERROR cannot open x" },
      why: "the first of several",
    },
    {
      lines: ["2026-01-01 10:00:00,123 [main] ERROR c.x.Y - boom"],
      want: { line: 1, text: "2026-01-01 10:00:00,123 [main] ERROR c.x.Y - boom" },
      why: "a level inside a log line",
    },
    {
      lines: [
        ["stderr", "Traceback (most recent call last):"] as ["stderr", string],
        ["stderr", '  File "x.py", line 3, in <module>'] as ["stderr", string],
        ["stderr", "    raise ValueError('late')"] as ["stderr", string],
        ["stderr", "ValueError: late"] as ["stderr", string],
      ],
      want: { line: 4, text: "ValueError: late" },
      why: "of a traceback the line that names the exception",
    },
    {
      lines: ["/x/y.js:3", "    throw new Error('boom')", "    ^", "", "Error: boom", "    at x"],
      want: { line: 5, text: "Error: boom" },
      why: "source lines above the message of Node are no message",
    },
    {
      lines: ["java.lang.NullPointerException: x is null", "\tat a.b.C.d(C.java:1)"],
      want: { line: 1, text: "java.lang.NullPointerException: x is null" },
      why: "a qualified exception",
    },
    {
      lines: ["fatal: not a git repository"],
      want: { line: 1, text: "fatal: not a git repository" },
      why: "the way command line tools say it",
    },
    {
      lines: ["0 errors", "errors: 0", "done without errors", "error: real"],
      want: { line: 4, text: "error: real" },
      why: "saying that there was none is no error",
    },
    {
      lines: ["see /var/log/error.log", "class MyError extends Base {}", "bye"],
      want: { line: 3, text: "bye" },
      why: "names with error in them are no message",
    },
    {
      lines: ["a", ["stderr", "input has not arrived"] as ["stderr", string], "b"],
      want: { line: 2, text: "input has not arrived" },
      why: "standard error comes before standard output",
    },
    { lines: ["a", "b", "  "], want: { line: 2, text: "b" }, why: "else the last line not empty" },
    {
      lines: ["\u001b[31mERROR\u001b[0m red"],
      want: { line: 1, text: "ERROR red" },
      why: "colours are not part of the message",
    },
  ])("$why", ({ lines, want }) => {
    expect(firstError(lines)).toEqual(want);
  });

  it("cuts a long line", () => {
    expect(firstError([`ERROR ${"x".repeat(10_000)}`])?.text).toHaveLength(500);
  });
});

it("takes no longer for a hostile line than for any other", () => {
  const started = performance.now();
  expect(firstError(["A".repeat(60_000), `${"A.".repeat(30_000)}Error`])?.line).toBe(2);
  expect(performance.now() - started).toBeLessThan(1_000);
});

it("takes out colours, titles and control characters", () => {
  expect(plainText("\u001b]0;title\u0007\u001b[1;31mbad\u001b[0m\u0000 thing\r")).toBe("bad thing");
});

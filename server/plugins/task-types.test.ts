import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Json } from "#server/core/flow/spec.ts";
import { taskTypes } from "./task-types.ts";
import { waitMs } from "./tasks/wait/spec.ts";

function settingsOf(type: string, given: Record<string, Json>): Json | string[] {
  const result = taskTypes.get(type)?.params.safeParse(given);
  if (result === undefined) throw new Error(`There is no type ${type}.`);
  return result.success ? result.data : result.error.issues.map(({ path }) => path.join("."));
}

const url = "https://example.org/";

describe("task types", () => {
  it.each([...taskTypes.values()])("$type can be shown and described by a form", (type) => {
    expect(taskTypes.get(type.type)).toBe(type);
    expect(type.title).not.toBe("");
    expect(type.description).toMatch(/\.$/);
    const schema = z.toJSONSchema(type.params, { io: "input", unrepresentable: "any" });
    expect(schema).toMatchObject({ type: "object", additionalProperties: false });
  });

  it.each([
    { type: "wait", given: { duration: "1m30s" }, want: { duration: 90_000 }, why: "milliseconds" },
    {
      type: "wait",
      given: { duration: "{{ params.d }}" },
      want: { duration: "{{ params.d }}" },
      why: "a template stays",
    },
    {
      type: "http",
      given: { url },
      want: { url, method: "GET", headers: {}, expect: [[200, 299]], max_bytes: 10_485_760 },
      why: "defaults are filled in",
    },
    {
      type: "http",
      given: { url: "{{ params.url }}", expect: [500, "404", "2xx", "401-403"] },
      want: {
        url: "{{ params.url }}",
        method: "GET",
        headers: {},
        expect: [
          [200, 299],
          [401, 404],
          [500, 500],
        ],
        max_bytes: 10_485_760,
      },
      why: "ranges are sorted and joined",
    },
    { type: "function", given: { handler: "load" }, want: { handler: "load" }, why: "its task" },
  ])("$type: $why", ({ type, given, want }) => {
    expect(settingsOf(type, given as Record<string, Json>)).toEqual(want);
  });

  it.each([
    { type: "noop", given: { run: "x" }, where: "", why: "noop takes nothing" },
    { type: "wait", given: { duration: "soon" }, where: "duration", why: "no duration" },
    { type: "wait", given: {}, where: "duration", why: "nothing to wait for" },
    { type: "shell", given: { run: "\n " }, where: "run", why: "no command" },
    { type: "script", given: { language: "perl", code: "x" }, where: "language", why: "no perl" },
    { type: "http", given: { url: "ftp://x.org" }, where: "url", why: "not the web" },
    { type: "http", given: { url: "example.org" }, where: "url", why: "not whole" },
    { type: "http", given: { url, method: "get" }, where: "method", why: "methods are upper case" },
    { type: "http", given: { url, body: "x" }, where: "body", why: "GET has no body" },
    { type: "http", given: { url, expect: [] }, where: "expect", why: "nothing could succeed" },
    { type: "http", given: { url, expect: ["299-200"] }, where: "expect.0", why: "backwards" },
    { type: "http", given: { url, expect: ["6xx"] }, where: "expect.0", why: "no such class" },
    { type: "http", given: { url, headers: { "a b": "c" } }, where: "headers", why: "a bad name" },
    { type: "http", given: { url, headers: { A: "1", a: "2" } }, where: "headers", why: "twice" },
    {
      type: "http",
      given: { url, headers: { A: "1\r\nB: 2" } },
      where: "headers",
      why: "smuggled",
    },
    { type: "http", given: { url, max_bytes: -1 }, where: "max_bytes", why: "less than nothing" },
  ])("$type refuses $where: $why", ({ type, given, where }) => {
    expect(settingsOf(type, given as Record<string, Json>)).toEqual([where]);
  });

  it("leaves the name of a handler alone and everything else to templates", () => {
    const verbatim = [...taskTypes.values()].filter((type) => type.verbatim !== undefined);
    expect(verbatim.map(({ type }) => type)).toEqual(["function"]);
  });
});

describe("waitMs", () => {
  it("reads milliseconds, or the text that a template gave", () => {
    expect(waitMs({ duration: 1_500 })).toBe(1_500);
    expect(waitMs({ duration: " 2s\n" })).toBe(2_000);
  });

  it.each([{ duration: "soon" }, { duration: -1 }, { duration: null }, {}])(
    "refuses %j",
    (given) => {
      expect(() => waitMs(given as Record<string, Json>)).toThrow(
        expect.objectContaining({ code: "INVALID_INPUT" }),
      );
    },
  );
});

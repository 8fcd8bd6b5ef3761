import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Json } from "#server/core/flow/spec.ts";
import { taskTypes } from "./task-types.ts";
import { waitMs } from "./tasks/wait/spec.ts";
import { placeOf } from "./tasks/wait-for/run.ts";
import { instantOf, untilMs } from "./tasks/wait-until/spec.ts";

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
    {
      type: "wait_until",
      given: { time: "2026-03-01 06:30" },
      want: { time: "2026-03-01 06:30" },
      why: "texts stay, since only the run knows its zone",
    },
    {
      type: "wait_for",
      given: { url, expect: ["204", 200], every: "1m" },
      want: {
        url,
        expect: [
          [200, 200],
          [204, 204],
        ],
        every: 60_000,
      },
      why: "ranges and milliseconds",
    },
    {
      type: "wait_for",
      given: { file: "in/{{ params.name }}.csv" },
      want: { file: "in/{{ params.name }}.csv", every: 10_000 },
      why: "looks every ten seconds",
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
    { type: "wait_until", given: { time: "2026-02-30" }, where: "time", why: "no such day" },
    { type: "wait_until", given: { time: "tomorrow" }, where: "time", why: "there is no now" },
    { type: "wait_for", given: {}, where: "", why: "nothing to wait for" },
    { type: "wait_for", given: { file: "a", url }, where: "url", why: "two things" },
    { type: "wait_for", given: { file: "a", expect: [200] }, where: "expect", why: "of a url" },
    { type: "wait_for", given: { url, every: "10ms" }, where: "every", why: "a busy loop" },
    { type: "wait_for", given: { flow: "Not An Id" }, where: "flow", why: "no id" },
    { type: "http", given: { url, max_bytes: -1 }, where: "max_bytes", why: "less than nothing" },
  ])("$type refuses $where: $why", ({ type, given, where }) => {
    expect(settingsOf(type, given as Record<string, Json>)).toEqual([where]);
  });

  it("leaves names of handlers and of pinned flows alone and everything else to templates", () => {
    const verbatim = [...taskTypes.values()].map(({ type, verbatim = [] }) => [type, ...verbatim]);
    expect(verbatim.filter((row) => row.length > 1)).toEqual([
      ["flow", "flow"],
      ["function", "handler"],
    ]);
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

describe("instantOf", () => {
  it.each([
    { text: "2026-03-01", zone: "UTC", want: "2026-03-01T00:00:00.000Z", why: "a day begins" },
    { text: "2026-03-01T06:30", zone: "Asia/Seoul", want: "2026-02-28T21:30:00.000Z", why: "zone" },
    { text: "2026-03-01 06:30:15", zone: "UTC", want: "2026-03-01T06:30:15.000Z", why: "a space" },
    {
      text: "2026-03-01T06:30+09:00",
      zone: "UTC",
      want: "2026-02-28T21:30:00.000Z",
      why: "its own offset wins",
    },
    {
      text: "2026-03-08T02:30",
      zone: "America/New_York",
      want: "2026-03-08T07:00:00.000Z",
      why: "a skipped time is when the clock jumps",
    },
  ])("$text in $zone: $why", ({ text, zone, want }) => {
    expect(new Date(instantOf(text, zone) ?? 0).toISOString()).toBe(want);
  });

  it.each(["", "2026-13-01", "2026-02-29", "2026-03-01T24:00", "06:30", "2026-03-01T06:30+9"])(
    "%j is no time",
    (text) => {
      expect(instantOf(text, "UTC")).toBeNull();
      expect(() => untilMs({ time: text }, "UTC")).toThrow(
        expect.objectContaining({ code: "INVALID_INPUT" }),
      );
    },
  );
});

describe("placeOf", () => {
  it.each([
    { file: "in/a.csv", want: "/data/in/a.csv", why: "below the data folder" },
    { file: "/mnt/land/a.csv", want: "/mnt/land/a.csv", why: "absolute as it stands" },
    { file: "in/..a.csv", want: "/data/in/..a.csv", why: "dots in a name climb nowhere" },
  ])("$file: $why", ({ file, want }) => expect(placeOf("/data", file)).toBe(want));

  it.each(["../a", "in/../../a", "/mnt/../etc/passwd", "a\0b"])("refuses %j", (file) => {
    expect(() => placeOf("/data", file)).toThrow("outside of the data folder");
  });
});

import { describe, expect, it } from "vitest";
import { parseParam } from "#server/core/run/param-filter.ts";
import type { RunFilter } from "#server/core/run/view.ts";
import {
  EMPTY_QUERY,
  isFiltered,
  parseBefore,
  parseRunQuery,
  runFilterOf,
  runsHref,
} from "./run-filter.ts";

const identity = "ab".repeat(32);

describe("parseRunQuery", () => {
  it("reads every filter", () => {
    const query = parseRunQuery({
      flow: "weather-daily",
      state: "failed,running",
      trigger: ["api", "rerun"],
      from: "2026-01-01",
      to: "2026-02-01",
      param: ["station=seattle", "days=3"],
      identity,
    });
    expect(runFilterOf(query)).toEqual({
      flow: "weather-daily",
      state: ["running", "failed"],
      trigger: ["api", "rerun"],
      intervalFrom: "2026-01-01T00:00:00.000Z",
      intervalTo: "2026-02-01T00:00:00.000Z",
      params: { station: "seattle", days: 3 },
      identity,
    });
  });

  it.each([
    { params: {}, why: "nothing given" },
    { params: { state: "exploded" }, why: "a state that does not exist" },
    { params: { from: "2026-02-31" }, why: "a day that does not exist" },
    { params: { from: "yesterday" }, why: "a day in words" },
    { params: { param: "novalue" }, why: "a parameter without a value" },
    { params: { identity: "abc" }, why: "half a hash" },
    { params: { flow: "a\0" }, why: "a NUL character" },
    { params: { param: 'a="\\ud800"' }, why: "half of a surrogate pair in a value" },
    { params: { param: "a\0=1" }, why: "a NUL character in a name" },
    { params: { param: "__proto__=1" }, why: "a name that is refused everywhere" },
    { params: { param: `a=${"[".repeat(60)}${"]".repeat(60)}` }, why: "depth beyond any value" },
    { params: { param: "a=1e999" }, why: "a number beyond any" },
    { params: { param: `${"a".repeat(201)}=1` }, why: "a name longer than any" },
  ])("filters nothing: $why", ({ params }) => {
    const query = parseRunQuery(params);
    expect(query).toEqual(EMPTY_QUERY);
    expect(isFiltered(query)).toBe(false);
    expect(runFilterOf(query)).toEqual({});
  });
});

it.each(["abc", "-1", "0", "99999999999999999999", "\0", "", ["1", "2"], undefined])(
  "begins at the newest run after %j",
  (value) => {
    expect(parseBefore(value)).toBeNull();
  },
);

it("begins after a run", () => {
  expect(parseBefore("42")).toBe("42");
});

describe("parseParam", () => {
  it.each([
    { text: "n=3", want: { name: "n", value: 3 } },
    { text: 'n="3"', want: { name: "n", value: "3" } },
    { text: "on=true", want: { name: "on", value: true } },
    { text: "q=a=b", want: { name: "q", value: "a=b" } },
    { text: "empty=", want: { name: "empty", value: "" } },
    { text: "=x", want: null },
    { text: "x", want: null },
  ])("reads $text", ({ text, want }) => {
    expect(parseParam(text)).toEqual(want);
  });
});

describe("runsHref", () => {
  const readBack = (href: string): RunFilter => {
    const { searchParams } = new URL(href, "http://localhost");
    const names = [...new Set(searchParams.keys())];
    return runFilterOf(
      parseRunQuery(Object.fromEntries(names.map((name) => [name, searchParams.getAll(name)]))),
    );
  };

  it.each([
    { filter: {}, why: "no filter" },
    { filter: { flow: "a&b=c", state: ["running", "failed"] }, why: "signs of addresses" },
    {
      filter: { params: { n: 3, text: "3", list: ["a,b"], word: "a=b", nothing: null } },
      why: "a text that looks like a number, and one with commas",
    },
    {
      filter: { intervalFrom: "2026-01-01T00:00:00.000Z", intervalTo: "2026-02-01T00:00:00.000Z" },
      why: "days",
    },
    { filter: { identity, backfill: "7", trigger: ["rerun"] }, why: "numbers and hashes" },
  ] satisfies { filter: RunFilter; why: string }[])("says $why", ({ filter }) => {
    expect(readBack(runsHref(filter) ?? "")).toEqual(filter);
  });

  it.each([
    { filter: { intervalFrom: "2026-01-01T06:00:00.000Z" }, why: "a time of the day" },
    { filter: { intervalTo: "2026-01-01T00:00:00+09:00" }, why: "midnight elsewhere" },
    { filter: { flow: "x", parent: "7" }, why: "a parent" },
  ])("does not say less than the filter: $why", ({ filter }) => {
    expect(runsHref(filter)).toBeNull();
  });
});

import { describe, expect, it } from "vitest";
import { EMPTY_QUERY, isFiltered, parseParam, parseRunQuery, runFilterOf } from "./run-filter.ts";

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
  ])("filters nothing: $why", ({ params }) => {
    const query = parseRunQuery(params);
    expect(query).toEqual(EMPTY_QUERY);
    expect(isFiltered(query)).toBe(false);
    expect(runFilterOf(query)).toEqual({});
  });
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

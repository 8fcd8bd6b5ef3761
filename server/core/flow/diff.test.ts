import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "./canonical.ts";
import { diffJson } from "./diff.ts";
import type { Json } from "./spec.ts";

const json = fc
  .jsonValue({ maxDepth: 4 })
  .map((value) => JSON.parse(JSON.stringify(value)) as Json);

describe("diffJson", () => {
  it.each([
    { before: { a: 1 }, after: { a: 1 }, want: [], why: "equal" },
    {
      before: { a: 1, b: 2 },
      after: { a: 3, c: 4 },
      want: [
        { path: "/a", before: 1, after: 3 },
        { path: "/b", before: 2 },
        { path: "/c", after: 4 },
      ],
      why: "changed, removed, added",
    },
    {
      before: { tasks: { "a/b": { with: { run: "x" } } } },
      after: { tasks: { "a/b": { with: { run: "y" } } } },
      want: [{ path: "/tasks/a~1b/with/run", before: "x", after: "y" }],
      why: "the place, escaped",
    },
    {
      before: { l: [1, 2] },
      after: { l: [1, 3] },
      want: [{ path: "/l/1", before: 2, after: 3 }],
      why: "lists of equal length item by item",
    },
    {
      before: { l: [1] },
      after: { l: [1, 2] },
      want: [{ path: "/l", before: [1], after: [1, 2] }],
      why: "lists of another length whole",
    },
    {
      before: { a: null },
      after: {},
      want: [{ path: "/a", before: null }],
      why: "null is a value",
    },
    { before: [], after: {}, want: [{ path: "", before: [], after: {} }], why: "another kind" },
  ])("tells $why", ({ before, after, want }) => {
    expect(diffJson(before as Json, after as Json)).toEqual(want);
  });

  it("is empty exactly for equal canonical forms", () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(diffJson(a, b).length === 0).toBe(canonicalJson(a) === canonicalJson(b));
        expect(diffJson(a, a)).toEqual([]);
      }),
    );
  });

  it("names the same places the other way round", () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        const forth = diffJson(a, b).map(({ path }) => path);
        expect(diffJson(b, a).map(({ path }) => path)).toEqual(forth);
      }),
    );
  });
});

import { expect, it } from "vitest";
import { readOptions, UsageError } from "./options.ts";

const known = ["hand-off", "throughput"];

it("measures everything when nothing is said", () => {
  expect(readOptions([], known)).toEqual({
    only: null,
    wfinstances: null,
    quick: false,
    profile: null,
  });
});

it("takes names, a folder and a size", () => {
  const options = readOptions(
    ["--only", "throughput,hand-off", "--wfinstances", "w", "--quick", "--profile", "p"],
    known,
  );
  expect(options).toEqual({
    only: new Set(["throughput", "hand-off"]),
    wfinstances: "w",
    quick: true,
    profile: "p",
  });
});

it.each([
  { args: ["--only", "handoff"], why: "an unknown figure" },
  { args: ["--only", ""], why: "no figure at all" },
  { args: ["--only"], why: "a missing value" },
  { args: ["--fast"], why: "an unknown option" },
  { args: ["hand-off"], why: "a word without an option" },
])("refuses $args: $why", ({ args }) => {
  expect(() => readOptions(args, known)).toThrow(UsageError);
});

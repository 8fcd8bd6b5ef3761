import { describe, expect, it } from "vitest";
import { decideOverlap, overlaps } from "./overlap.ts";

describe("a tick while earlier runs go on", () => {
  it.each([
    { overlap: "queue", want: { action: "wait" }, why: "takes its turn" },
    { overlap: "skip", want: { action: "skip", run: "8" }, why: "names the newest run" },
    { overlap: "cancel", want: { action: "cancel", runs: ["7", "8"] }, why: "ends all of them" },
  ] as const)("$overlap: $why", ({ overlap, want }) => {
    expect(decideOverlap(overlap, ["7", "8"], false)).toEqual(want);
  });

  it.each(overlaps)("%s starts at once when nothing is in the way", (overlap) => {
    expect(decideOverlap(overlap, [], false)).toEqual({ action: "start" });
    expect(decideOverlap(overlap, [], true)).toEqual({ action: "start" });
  });

  it.each(overlaps)("%s: a tick that was missed takes its turn", (overlap) => {
    expect(decideOverlap(overlap, ["7"], true)).toEqual({ action: "wait" });
  });
});

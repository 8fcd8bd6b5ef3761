import { expect, it } from "vitest";
import { decideStart } from "./decide.ts";

it.each([
  { needs: [], condition: null, want: "run", why: "nothing stands in the way" },
  { needs: ["succeeded", "reused"], condition: null, want: "run", why: "reused is as good" },
  {
    needs: ["succeeded", "failed"],
    condition: null,
    want: "upstream_failed",
    why: "trouble spreads",
  },
  { needs: ["cancelled"], condition: null, want: "upstream_failed", why: "so does a cancellation" },
  { needs: ["upstream_failed"], condition: null, want: "upstream_failed", why: "and it goes on" },
  { needs: ["skipped", "succeeded"], condition: null, want: "skipped", why: "skipping spreads" },
  {
    needs: ["skipped", "failed"],
    condition: null,
    want: "upstream_failed",
    why: "trouble is worse",
  },
  { needs: ["failed"], condition: true, want: "run", why: "the author asked for it" },
  { needs: ["succeeded"], condition: false, want: "skipped", why: "the author left it out" },
  {
    needs: ["failed"],
    condition: false,
    want: "upstream_failed",
    why: "a failure must not look like a choice",
  },
  { needs: ["skipped"], condition: true, want: "run", why: "always() runs after skipped needs" },
] as const)(
  "after $needs with condition $condition: $want, for $why",
  ({ needs, condition, want }) => {
    expect(decideStart({ needs, condition, cancelRequested: false })).toBe(want);
    expect(decideStart({ needs, condition, cancelRequested: true })).toBe("cancelled");
  },
);

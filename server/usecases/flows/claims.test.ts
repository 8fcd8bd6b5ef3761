import { describe, expect, it } from "vitest";
import { type Claim, lateClaims } from "./claims.ts";

const sound = (path: string, id: string, heldId: string | null = id): Claim => ({
  path,
  id,
  isSound: true,
  heldId,
});
const broken = (path: string, id: string | null, heldId: string | null): Claim => ({
  path,
  id,
  isSound: false,
  heldId,
});

describe("lateClaims", () => {
  it.each([
    { claims: [sound("b", "x"), sound("a", "x")], want: [["b", "a"]], why: "the first path holds" },
    { claims: [sound("a", "x"), sound("b", "y")], want: [], why: "different flows" },
    {
      claims: [sound("a", "x"), sound("b", "x"), sound("c", "x")],
      want: [
        ["b", "a"],
        ["c", "a"],
      ],
      why: "all later ones are late",
    },
    {
      claims: [broken("a", null, "x"), sound("b", "x", null)],
      want: [["b", "a"]],
      why: "a broken file keeps what it held",
    },
    {
      claims: [broken("a", "x", null), sound("b", "x")],
      want: [],
      why: "a broken file takes nothing from another",
    },
    {
      claims: [sound("a", "y", "x"), sound("b", "x", null)],
      want: [],
      why: "a file that changed its id gives the old one up",
    },
    {
      claims: [sound("a", "x"), broken("b", "x", "x")],
      want: [],
      why: "a broken file has problems of its own",
    },
  ])("$why", ({ claims, want }) => {
    expect([...lateClaims(claims)]).toEqual(want);
  });
});

import { expect, it } from "vitest";
import { chooseLocale } from "./locale.ts";

it.each([
  { stored: "ko", accepted: "en", want: "ko", why: "the switch comes first" },
  { stored: "xx", accepted: "ko", want: "ko", why: "an unknown cookie counts as none" },
  { stored: undefined, accepted: "ko-KR,ko;q=0.9,en;q=0.8", want: "ko", why: "the usual header" },
  { stored: undefined, accepted: "fr,en;q=0.5,ko;q=0.9", want: "ko", why: "weights decide" },
  { stored: undefined, accepted: "ko;q=0,en;q=0.1", want: "en", why: "weight 0 means never" },
  { stored: undefined, accepted: "fr,de", want: "en", why: "nothing fits" },
  { stored: undefined, accepted: "koi", want: "en", why: "Komi-Permyak is not Korean" },
  { stored: undefined, accepted: null, want: "en", why: "no header" },
  { stored: undefined, accepted: ";q=,,", want: "en", why: "garbage" },
])("$accepted with $stored gives $want: $why", ({ stored, accepted, want }) => {
  expect(chooseLocale(stored, accepted)).toBe(want);
});

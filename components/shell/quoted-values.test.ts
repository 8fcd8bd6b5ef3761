import { expect, it } from "vitest";
import { quotedValues } from "./quoted-values.ts";

it.each([
  { sentence: '"nedes" is not a key of a noop task.', want: ["nedes"] },
  { sentence: 'The task "a" needs "b", which does not exist.', want: ["a", "b"] },
  { sentence: 'The task "a" needs "a" twice.', want: ["a"] },
  { sentence: String.raw`There is no task "a \"b\"".`, want: [String.raw`a \"b\"`] },
  { sentence: "The flow has no tasks.", want: [] },
  { sentence: `"${"x".repeat(100)}" is too long.`, want: [] },
  { sentence: '"a" "b" "c" "d"', want: ["a", "b", "c"] },
])("finds $want in $sentence", ({ sentence, want }) => {
  expect(quotedValues(sentence)).toEqual(want);
});

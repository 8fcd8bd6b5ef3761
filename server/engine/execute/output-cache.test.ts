import { expect, it } from "vitest";
import type { Json } from "../../core/flow/spec.ts";
import { OutputCache } from "./output-cache.ts";

/** A cache over a database in which every task returned its own ordinal, and what was asked of it. */
function openCache(limits: { maxEntries?: number; maxCharacters?: number } = {}) {
  const asked: (readonly number[])[] = [];
  const cache = new OutputCache({
    read: async (_run, ordinals) => {
      asked.push(ordinals);
      return new Map(ordinals.map((ordinal): [number, Json] => [ordinal, ordinal]));
    },
    ...limits,
  });
  return { cache, asked };
}

it("asks only for what it has not been told", async () => {
  const { cache, asked } = openCache();
  cache.remember("1", 0, { told: true });
  cache.remember("1", 2, null);
  expect(await cache.read("1", [0, 1, 2])).toEqual(
    new Map<number, Json>([
      [0, { told: true }],
      [2, null],
      [1, 1],
    ]),
  );
  expect(await cache.read("1", [2, 0])).toEqual(
    new Map<number, Json>([
      [2, null],
      [0, { told: true }],
    ]),
  );
  expect(asked).toEqual([[1]]);
});

it("keeps runs apart", async () => {
  const { cache, asked } = openCache();
  cache.remember("1", 0, "of run 1");
  cache.remember("10", 0, "of run 10");
  await cache.read("2", [0]);
  expect(await cache.read("1", [0])).toEqual(new Map([[0, "of run 1"]]));
  expect(asked).toEqual([[0]]);
});

it("forgets the oldest when there are too many", async () => {
  const { cache, asked } = openCache({ maxEntries: 2 });
  for (const ordinal of [0, 1, 2]) cache.remember("1", ordinal, null);
  await cache.read("1", [0, 1, 2]);
  expect(asked).toEqual([[0]]);
});

it("forgets the oldest when they are too long, and does not keep one that is so alone", async () => {
  const { cache, asked } = openCache({ maxCharacters: 100 });
  cache.remember("1", 0, "x".repeat(60));
  cache.remember("1", 1, "y".repeat(60));
  cache.remember("1", 2, "z".repeat(200));
  cache.remember("1", 3, "short");
  await cache.read("1", [0, 1, 2, 3]);
  expect(asked).toEqual([[0, 1, 2]]);
});

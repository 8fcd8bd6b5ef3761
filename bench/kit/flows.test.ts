import { expect, it } from "vitest";
import { chain, layers, makeFlow, strides } from "./flows.ts";

const edgesOf = (needs: readonly (readonly number[])[]) => needs.flat().length;

it("chains each task to the one before", () => {
  expect(chain(3)).toEqual([[], [0], [1]]);
});

it("joins each layer to all of the one before", () => {
  const needs = layers(10, 10);
  expect(needs).toHaveLength(100);
  expect(edgesOf(needs)).toBe(900);
  expect(needs[99]).toEqual([80, 81, 82, 83, 84, 85, 86, 87, 88, 89]);
});

it("makes exactly as many edges as asked for, all of them backwards and ascending", () => {
  const needs = strides(2_000, 6_000, 10);
  expect(edgesOf(needs)).toBe(6_000);
  for (const [task, parents] of needs.entries()) {
    expect(new Set(parents).size).toBe(parents.length);
    expect([...parents].sort((a, b) => a - b)).toEqual(parents);
    expect(parents.every((parent) => parent < task)).toBe(true);
  }
});

it("refuses more edges than there is room for", () => {
  expect(() => strides(4, 100, 1)).toThrow(RangeError);
});

it("gives ordinals in the order of the names, with children the reverse of parents", () => {
  const { graph, spec } = makeFlow("f", { type: "noop", needs: [[], [0], [0], [1, 2]] });
  expect([...graph.taskIds].sort()).toEqual(graph.taskIds);
  expect(graph.children).toEqual([[1, 2], [3], [3], []]);
  expect(spec.tasks.t00003?.needs).toEqual(["t00001", "t00002"]);
});

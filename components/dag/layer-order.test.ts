import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crossings, layerNodes, orderLayers } from "./layer-order.ts";

describe("orderLayers", () => {
  it("counts crossings as a comparison of all pairs does", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 25 }),
        (left, right, pairs) => {
          const edges = pairs.map(([a, b]): [number, number] => [a % left, left + (b % right)]);
          const lattice = layerNodes(left + right, edges);
          const position = new Array<number>(lattice.layerOf.length).fill(0);
          for (const layer of lattice.layers) {
            layer.forEach((point, i) => {
              position[point] = i;
            });
          }
          let naive = 0;
          edges.forEach(([a, b], i) => {
            for (const [c, d] of edges.slice(i + 1)) {
              const sources = (position[a] ?? 0) - (position[c] ?? 0);
              const targets = (position[b] ?? 0) - (position[d] ?? 0);
              if (sources * targets < 0) naive++;
            }
          });
          expect(crossings(lattice, position)).toBe(naive);
        },
      ),
    );
  });

  it("untangles two crossed chains", () => {
    const lattice = layerNodes(4, [
      [0, 3],
      [1, 2],
    ]);
    orderLayers(lattice);
    const position = [0, 0, 0, 0];
    for (const layer of lattice.layers) {
      layer.forEach((point, i) => {
        position[point] = i;
      });
    }
    expect(crossings(lattice, position)).toBe(0);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildGraph, cyclePath, type GraphTask, upstreamOf } from "./graph.ts";

type Tasks = Record<string, GraphTask>;

/** Tasks whose needs point to smaller numbers only, under shuffled names. */
const acyclic: fc.Arbitrary<Tasks> = fc
  .array(fc.array(fc.nat({ max: 1_000 }), { maxLength: 4 }), { minLength: 1, maxLength: 40 })
  .chain((rows) =>
    fc
      .shuffledSubarray(
        rows.map((_, index) => `t${index}`),
        { minLength: rows.length },
      )
      .map((names) =>
        Object.fromEntries(
          rows.map((needs, index) => [
            names[index] ?? "",
            {
              needs: [...new Set(needs.filter(() => index > 0).map((n) => names[n % index] ?? ""))],
            },
          ]),
        ),
      ),
  );

function graphOf(tasks: Tasks) {
  const built = buildGraph(tasks);
  if (!built.ok) throw new Error("The graph has a cycle.");
  return built.graph;
}

/** Whether `ancestor` can be reached from `child` along needs; the plainest possible way. */
function reaches(tasks: Tasks, child: string, ancestor: string): boolean {
  return (tasks[child]?.needs ?? []).some((n) => n === ancestor || reaches(tasks, n, ancestor));
}

describe("buildGraph", () => {
  it("puts every task after what it needs, and each exactly once", { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(acyclic, (tasks) => {
        const { taskIds, parents, children } = graphOf(tasks);
        expect([...taskIds].sort()).toEqual(Object.keys(tasks).sort());
        for (const [ordinal, id] of taskIds.entries()) {
          const needs = (parents[ordinal] ?? []).map((parent) => taskIds[parent] ?? "");
          expect(needs.sort()).toEqual([...(tasks[id]?.needs ?? [])].sort());
          for (const parent of parents[ordinal] ?? []) {
            expect(parent).toBeLessThan(ordinal);
            expect(children[parent]).toContain(ordinal);
          }
        }
      }),
    );
  });

  it("gives equal ordinals whatever the order in which tasks are written", () => {
    fc.assert(
      fc.property(acyclic, (tasks) => {
        const reversed = Object.fromEntries(
          Object.entries(tasks)
            .reverse()
            .map(([id, { needs }]) => [id, { needs: [...needs].reverse() }]),
        );
        expect(graphOf(reversed)).toEqual(graphOf(tasks));
      }),
    );
  });

  it("finds a cycle exactly when there is one, and the cycle it names is one", () => {
    const anyEdges = fc.array(fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 9 })), { maxLength: 20 });
    fc.assert(
      fc.property(anyEdges, (edges) => {
        const tasks: Tasks = Object.fromEntries(
          Array.from({ length: 10 }, (_, index) => [
            `t${index}`,
            {
              needs: [
                ...new Set(
                  edges.filter(([a, b]) => a === index && a !== b).map(([, b]) => `t${b}`),
                ),
              ],
            },
          ]),
        );
        const hasCycle = Object.keys(tasks).some((id) => hasLoop(tasks, id));
        const built = buildGraph(tasks);
        expect(built.ok).toBe(!hasCycle);
        for (const cycle of built.ok ? [] : built.cycles) {
          for (const [index, id] of cycle.entries()) {
            expect(tasks[id]?.needs).toContain(cycle.at(index - 1));
          }
          expect(cycle[0]).toBe([...cycle].sort()[0]);
        }
      }),
    );
  });

  it("orders equal depths by code units, as the canonical form does", () => {
    const tasks = { b: { needs: [] }, a: { needs: ["b"] }, B: { needs: [] }, "0": { needs: [] } };
    expect(graphOf(tasks).taskIds).toEqual(["0", "B", "b", "a"]);
  });

  it("survives a chain and a ring of 10,000 tasks", { timeout: 60_000 }, () => {
    const chain = (first: string[]): Tasks =>
      Object.fromEntries(
        Array.from({ length: 10_000 }, (_, n) => [
          `t${n}`,
          { needs: n === 0 ? first : [`t${n - 1}`] },
        ]),
      );
    expect(graphOf(chain([])).taskIds.at(-1)).toBe("t9999");
    const ring = buildGraph(chain(["t9999"]));
    expect(ring.ok ? [] : ring.cycles.map((cycle) => cycle.length)).toEqual([10_000]);
  });
});

describe("upstreamOf", () => {
  it("knows every ancestor and nothing else", { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(acyclic, (tasks) => {
        const graph = graphOf(tasks);
        const upstream = upstreamOf(graph);
        for (const [child, childId] of graph.taskIds.entries()) {
          for (const [other, otherId] of graph.taskIds.entries()) {
            expect(upstream.has(child, other)).toBe(reaches(tasks, childId, otherId));
          }
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("cyclePath", () => {
  it("returns to where it began", () => {
    expect(cyclePath(["a", "b"])).toBe("a → b → a");
  });

  it("leaves out the middle of a long cycle and says how much", () => {
    const cycle = Array.from({ length: 20 }, (_, index) => `t${index}`);
    expect(cyclePath(cycle)).toBe("t0 → t1 → t2 → t3 → … 12 more … → t16 → t17 → t18 → t19 → t0");
  });
});

/** Whether a walk along needs from `start` comes back to it. */
function hasLoop(tasks: Tasks, start: string): boolean {
  const seen = new Set<string>();
  const open = [...(tasks[start]?.needs ?? [])];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (id === start) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    open.push(...(tasks[id]?.needs ?? []));
  }
  return false;
}

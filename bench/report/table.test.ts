import { expect, it } from "vitest";
import { judge } from "./figure.ts";
import { formatTable } from "./table.ts";

const figure = judge({
  id: "f",
  name: "hand-off",
  unit: "ms",
  value: 1.2345,
  range: [1, 2],
  limit: { name: "commit", value: 0.5, drift: 0.1 },
  target: { kind: "ratio", atMost: 3 },
  how: "by hand",
});

it("shows value, limit, ratio, target and verdict of a figure in one aligned line", () => {
  const lines = formatTable([
    figure,
    judge({
      ...figure,
      name: "throughput of many tasks",
      unit: "per s",
      value: 12_345.6,
      target: { kind: "ratio", atLeast: 30_000 },
    }),
    judge({ id: "m", name: "memory", unit: "MB", value: 99.96, range: [99, 100], how: "" }),
  ]);
  expect(lines).toEqual([
    "figure                           value      range             limit      ratio    target",
    "hand-off                       1.23 ms  1.00–2.00     0.500 ms ±5 %      2.47×      ≤ 3×  met",
    "throughput of many tasks  12,346 per s  1.00–2.00  0.500 per s ±5 %  24691.20×  ≥ 30000×  MISSED",
    "memory                          100 MB   99.0–100",
  ]);
});

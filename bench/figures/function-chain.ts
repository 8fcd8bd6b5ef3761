/** What a TypeScript task in a warm worker costs over a commit and a message to a process. */
import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { CompiledFlow } from "#server/core/flow/spec.ts";
import { loadDefinition } from "#server/flow-sources/load.ts";
import type { Bench, Measurement } from "../kit/bench.ts";
import { measureChain } from "../kit/chains.ts";
import { compiled } from "../kit/compiled.ts";
import { drift, median, sumsOf } from "../kit/stats.ts";
import { openChildLimit } from "../limits/child.ts";
import { openCommitLimit } from "../limits/commit.ts";
import type { Measured } from "../report/figure.ts";

const TASKS = 40;
const SLOTS = 16;

/** What an author would write; the file is compiled and bundled like any other. */
const SOURCE = `
import { flow, type FunctionTask } from "idem";

function fibonacci(n: number): number {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

const tasks: Record<string, FunctionTask> = {};
for (let i = 0; i < ${TASKS}; i++) {
  tasks[\`step-\${i}\`] = {
    needs: i === 0 ? [] : [\`step-\${i - 1}\`],
    run: () => fibonacci(10),
  };
}

export default flow({ id: "fibonacci", tasks });
`;

export const functionChain: Measurement = { name: "function-chain", measure };

async function measure(bench: Bench): Promise<Measured[]> {
  const flow = await compileFlow(bench);
  const commit = await openCommitLimit(
    bench,
    await bench.cluster.createDatabase("bench_function_limit"),
  );
  const child = await openChildLimit(bench);
  const blocks: number[][] = [];
  const times = await measureChain(bench, {
    database: "bench_function",
    flow,
    repeats: bench.quick ? 2 : 9,
    slots: SLOTS,
    between: async () => {
      const trips = await child.roundTrips(TASKS * 5);
      const commits = await commit.measure(TASKS * 5);
      blocks.push(trips.map((trip, i) => trip + (commits[i] ?? Number.NaN)));
    },
  });
  await child.close();
  await commit.close();
  return [
    {
      id: "function-chain",
      name: `chain of ${TASKS} TypeScript tasks, fibonacci(10)`,
      unit: "ms",
      value: median(times.warm),
      range: [Math.min(...times.warm), Math.max(...times.warm)],
      limit: {
        name: `${TASKS} commits and ${TASKS} round trips to a child process`,
        value: median(blocks.flatMap((block) => sumsOf(block, TASKS))),
        drift: drift(blocks),
      },
      target: { kind: "ratio", atMost: 3 },
      how: `from trigger to the end, warm worker, median of ${times.warm.length}, IDEM_SLOTS=${SLOTS}; \`first\` is the first run of a fresh runner`,
      detail: { first: times.first },
    },
  ];
}

async function compileFlow(bench: Bench): Promise<CompiledFlow> {
  const path = join(bench.work, "fibonacci.flow.ts");
  await writeFile(path, SOURCE);
  return compiled(await loadDefinition(path, "typescript", (file) => basename(file)));
}

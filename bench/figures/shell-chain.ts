/** What a shell task costs over starting a shell. */
import type { Bench, Measurement } from "../kit/bench.ts";
import { measureChain } from "../kit/chains.ts";
import { chain, makeFlow } from "../kit/flows.ts";
import { drift, median, sumsOf } from "../kit/stats.ts";
import { openChildLimit } from "../limits/child.ts";
import { openCommitLimit } from "../limits/commit.ts";
import type { Measured } from "../report/figure.ts";

const TASKS = 40;
const SLOTS = 16;

export const shellChain: Measurement = { name: "shell-chain", measure };

async function measure(bench: Bench): Promise<Measured[]> {
  const commit = await openCommitLimit(
    bench,
    await bench.cluster.createDatabase("bench_shell_limit"),
  );
  const child = await openChildLimit(bench);
  const blocks: number[][] = [];
  const flow = makeFlow("shell", { type: "shell", with: { run: "true" }, needs: chain(TASKS) });
  const times = await measureChain(bench, {
    database: "bench_shell",
    flow,
    repeats: bench.quick ? 2 : 7,
    slots: SLOTS,
    between: async () => {
      const spawns = await child.spawns(TASKS);
      const commits = await commit.measure(TASKS);
      blocks.push(spawns.map((spawn, i) => spawn + (commits[i] ?? Number.NaN)));
    },
  });
  await child.close();
  await commit.close();
  return [
    {
      id: "shell-chain",
      name: `chain of ${TASKS} shell tasks running true`,
      unit: "ms",
      value: median(times.warm),
      range: [Math.min(...times.warm), Math.max(...times.warm)],
      limit: {
        name: `${TASKS} bare spawns and ${TASKS} commits`,
        value: median(blocks.flatMap((block) => sumsOf(block, TASKS))),
        drift: drift(blocks),
      },
      target: { kind: "ratio", atMost: 1.5 },
      how: `from trigger to the end, median of ${times.warm.length}, IDEM_SLOTS=${SLOTS}`,
      detail: { first: times.first },
    },
  ];
}

/** What batches save where there are many small items: process starts against work. */
import type { Bench, Measurement } from "../kit/bench.ts";
import { measureChain } from "../kit/chains.ts";
import { makeFlow } from "../kit/flows.ts";
import { drift, median } from "../kit/stats.ts";
import type { Measured } from "../report/figure.ts";

const ITEMS = 400;
const BATCH = 200;
const SLOTS = 16;

export const fanOut: Measurement = { name: "fan-out", measure };

async function measure(bench: Bench): Promise<Measured[]> {
  const items = Array.from({ length: bench.quick ? ITEMS / 10 : ITEMS }, (_, n) => n);
  const run = "for n in {{ items | join: ' ' }}; do echo $n > /dev/null; done";
  const flowOf = (batch: number) =>
    makeFlow(`batch-${batch}`, {
      type: "shell",
      with: { run },
      needs: [[]],
      forEach: { over: items, batch },
    });
  const time = (batch: number) =>
    measureChain(bench, {
      database: `bench_batch_${batch}`,
      flow: flowOf(batch),
      repeats: bench.quick ? 2 : 5,
      slots: SLOTS,
      between: async () => {},
    });
  const single = await time(1);
  const batched = await time(BATCH);
  return [
    {
      id: "fan-out-batch",
      name: `${items.length} small items by shell tasks, batch ${BATCH}`,
      unit: "ms",
      value: median(batched.warm),
      range: [Math.min(...batched.warm), Math.max(...batched.warm)],
      limit: {
        name: "the same with batch 1",
        value: median(single.warm),
        drift: drift([single.warm]),
      },
      how: `from trigger to the end, median of ${batched.warm.length}, IDEM_SLOTS=${SLOTS}`,
    },
  ];
}

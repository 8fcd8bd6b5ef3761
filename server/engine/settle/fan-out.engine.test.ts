/** Lists on real runners that are killed in the middle: each item is done, and none twice at a time. */
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Json } from "#server/core/flow/spec.ts";
import { inWorlds, LIMIT_MS } from "../../../test/engine/faults.ts";
import { quickLease } from "../../../test/engine/runner-process.ts";
import { awaitRun, startRun, storeFlow, until } from "../../../test/engine/runs.ts";
import { buildFlow } from "../../../test/flow-builder.ts";

const ITEMS = 60;
const BATCH = 4;

it("goes on where killed runners left off (3 times)", async () => {
  await inWorlds(3, async (world) => {
    const seen = join(world.home, "seen");
    await writeFile(seen, "");
    const say = 'say() { echo "$IDEM_INDEX $IDEM_ATTEMPT $1" >> "$SEEN"; }';
    const items = Array.from({ length: ITEMS }, (_, n) => ({ n }));
    const stored = await storeFlow(
      world.pool,
      buildFlow("lists", {
        each: {
          type: "shell",
          forEach: { over: items, batch: BATCH },
          env: { SEEN: seen, FIRST: "{{ items[0].n }}", PLACE: "{{ index }}" },
          with: {
            run: `${say}\nsay start; sleep 0.1; echo "{\\"first\\": $FIRST, \\"place\\": $PLACE, \\"items\\": $IDEM_ITEM}" > "$IDEM_OUTPUT"; say done`,
          },
        },
        after: { type: "shell", needs: ["each"], with: { run: "true" } },
      }),
    );
    const few = { ...quickLease, IDEM_SLOTS: "4" };
    const first = await world.startRunner({ ...few, IDEM_FAULT_POINT: "after-complete" });
    const runId = await startRun(world.pool, stored, { key: "the one" });
    expect(await first.exit()).toBe("SIGKILL");
    const second = await world.startRunner(few);
    const count = () => readFileSync(seen, "utf8").split("done").length - 1;
    await until("some batches to be done", async () => count() >= 6);
    second.kill("SIGKILL");
    await second.exit();
    await world.startRunner(few);

    expect(await awaitRun(world.pool, runId, LIMIT_MS)).toMatchObject({ state: "succeeded" });
    const output = await world.pool.query<{ output: Json }>(
      "select output from task_output where run_id = $1 and ordinal = 0",
      [runId],
    );
    expect(output.rows[0]?.output).toEqual(
      Array.from({ length: ITEMS / BATCH }, (_, place) => ({
        first: place * BATCH,
        place,
        items: items.slice(place * BATCH, (place + 1) * BATCH),
      })),
    );
    const newest = new Map<string, number>();
    for (const line of readFileSync(seen, "utf8").trim().split("\n")) {
      const [place = "", attempt = ""] = line.split(" ");
      expect(Number(attempt)).toBeGreaterThanOrEqual(newest.get(place) ?? 0);
      newest.set(place, Number(attempt));
    }
    expect(newest.size).toBe(ITEMS / BATCH);
    expect(await world.finish(["the one"])).toEqual([]);
  });
});

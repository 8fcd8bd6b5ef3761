/** One flow whose task kills every runner that takes it, among a hundred that mean well. */
import { expect, it } from "vitest";
import { inWorlds, LIMIT_MS } from "../../test/engine/faults.ts";
import { quickLease } from "../../test/engine/runner-process.ts";
import { awaitRun, readAttempts, startRun, storeFlow } from "../../test/engine/runs.ts";
import { buildFlow } from "../../test/flow-builder.ts";

const GOOD = 100;
const RUNNERS = 1;
const env = { ...quickLease, IDEM_LEASE_MS: "3000", IDEM_SLOTS: "6" };

it("fails alone: the tasks that were lost along with it all succeed", async () => {
  await inWorlds(1, async (world) => {
    const poison = buildFlow("poison", {
      // The watchdog started this shell, and the runner the watchdog. Neighbours are at work by then.
      kill: {
        type: "shell",
        with: { run: "sleep 0.3; kill -9 $(ps -o ppid= -p $PPID); sleep 5" },
      },
    });
    const bad = await startRun(world.pool, await storeFlow(world.pool, poison), { key: "bad" });
    const good: string[] = [];
    for (let i = 0; i < GOOD; i++) {
      const flow = buildFlow(`good-${i}`, { a: world.witness.task(i < 5 ? 30 : 1) });
      good.push(
        await startRun(world.pool, await storeFlow(world.pool, flow), { key: `good ${i}` }),
      );
    }
    // As a supervisor would: who dies is started again.
    let over = false;
    let deaths = 0;
    const keepAlive = async () => {
      while (!over) {
        const runner = await world.startRunner(env);
        await runner.exit();
        if (!over) deaths += 1;
      }
    };
    const alive = Array.from({ length: RUNNERS }, keepAlive);
    const ends = await Promise.all(
      good.map(async (run) => (await awaitRun(world.pool, run, LIMIT_MS)).state),
    );
    expect(ends).toEqual(good.map(() => "succeeded"));
    expect(await awaitRun(world.pool, bad, LIMIT_MS)).toMatchObject({
      state: "failed",
      firstError: { task: "kill", attempt: 3, message: expect.stringMatching(/^Lost 3 times/) },
    });
    expect(deaths).toBe(3);
    expect((await readAttempts(world.pool, bad)).map(({ state }) => state)).toEqual([
      "lost",
      "lost",
      "lost",
    ]);
    over = true;
    const keys = ["bad", ...good.map((_, i) => `good ${i}`)];
    expect(await world.finish(keys)).toEqual([]);
    await Promise.all(alive);
  });
});

/** One bad flow among a hundred that mean well: it kills every runner, or does all else wrong. */
import { expect, it } from "vitest";
import { inWorlds, LIMIT_MS } from "../../test/engine/faults.ts";
import { quickLease } from "../../test/engine/runner-process.ts";
import { awaitRun, readAttempts, readTasks, startRun, storeFlow } from "../../test/engine/runs.ts";
import { buildFlow } from "../../test/flow-builder.ts";
import { call, giveFunctions, shell } from "../../test/task-drafts.ts";

const GOOD = 100;
const env = { ...quickLease, IDEM_LEASE_MS: "3000", IDEM_SLOTS: "6" };

it("that kills its runners fails alone: the tasks that were lost along with it all succeed", async () => {
  await inWorlds(1, async (world) => {
    const poison = buildFlow("poison", {
      // The watchdog started this shell, and the runner the watchdog. Neighbours are at work by then.
      kill: shell("sleep 0.3; kill -9 $(ps -o ppid= -p $PPID); sleep 5"),
    });
    const bad = await startRun(world.pool, await storeFlow(world.pool, poison), { key: "bad" });
    const good: string[] = [];
    for (let i = 0; i < GOOD; i++) {
      const flow = buildFlow(`good-${i}`, { a: world.witness.task(i < 5 ? 30 : 1) });
      good.push(
        await startRun(world.pool, await storeFlow(world.pool, flow), { key: `good ${i}` }),
      );
    }
    const deaths = await world.keepRunner(env);
    const ends = await Promise.all(
      good.map(async (run) => (await awaitRun(world.pool, run, LIMIT_MS)).state),
    );
    expect(ends).toEqual(good.map(() => "succeeded"));
    expect(await awaitRun(world.pool, bad, LIMIT_MS)).toMatchObject({
      state: "failed",
      firstError: { task: "kill", attempt: 3, message: expect.stringMatching(/^Lost 3 times/) },
    });
    // A machine that stalls for longer than a lease takes the place of a death.
    expect(deaths()).toBeGreaterThan(0);
    expect(deaths()).toBeLessThanOrEqual(3);
    expect((await readAttempts(world.pool, bad)).map(({ state }) => state)).toEqual([
      "lost",
      "lost",
      "lost",
    ]);
    const keys = ["bad", ...good.map((_, i) => `good ${i}`)];
    expect(await world.finish(keys)).toEqual([]);
  });
});

it("that does everything wrong fails with a reason for each, and costs the others nothing", async () => {
  await inWorlds(1, async (world) => {
    const runner = await world.startRunner();
    const bad = buildFlow("poison", {
      nul: shell(`printf '{"a": "\\\\u0000"}' > "$IDEM_OUTPUT"`),
      json: shell(`printf '{"a": ' > "$IDEM_OUTPUT"`),
      folder: shell('mkdir "$IDEM_OUTPUT"'),
      endless: shell('head -c 2000000 /dev/zero > "$IDEM_OUTPUT"'),
      bytes: shell("head -c 300000 /dev/urandom; exit 3"),
      line: shell("head -c 5000000 /dev/zero | tr '\\0' x; exit 4"),
      template: shell("true", { env: { X: "{{ params.nobody }}" } }),
      list: { ...shell("true"), forEach: { over: "{{ params.nobody }}", batch: 1 } },
      forks: shell("for i in 1 2 3 4 5 6 7 8; do (setsid sleep 4444 &) ; done; exit 5"),
      deaf: shell("trap '' TERM INT HUP; while :; do sleep 0.1; done", { timeoutMs: 500 }),
      nobody: call("nobody"),
      nowhere: { type: "http", with: { url: "http://127.0.0.1:1/" } },
      unknown: { type: "teleport" },
      after: { needs: ["nul"] },
    });
    giveFunctions(bad, "const tasks = {};");
    const poison = await storeFlow(world.pool, bad);
    const good = await Promise.all(
      Array.from({ length: GOOD }, (_, n) =>
        storeFlow(
          world.pool,
          buildFlow(`good-${n}`, {
            a: n % 10 === 0 ? world.witness.task(1) : {},
            b: { needs: ["a"] },
          }),
        ),
      ),
    );
    const failing: string[] = [];
    const keys: string[] = [];
    const runs: string[] = [];
    for (const [n, stored] of good.entries()) {
      const key = `good ${n}`;
      keys.push(key);
      if (n % 25 === 0) {
        keys.push(`bad ${n}`);
        failing.push(await startRun(world.pool, poison, { key: `bad ${n}` }));
      }
      runs.push(await startRun(world.pool, stored, { key }));
    }
    for (const run of runs) expect((await awaitRun(world.pool, run)).state).toBe("succeeded");
    for (const run of failing) {
      expect((await awaitRun(world.pool, run)).state).toBe("failed");
      const states = (await readTasks(world.pool, run)).map(({ ordinal, state }) => [
        poison.flow.graph.taskIds[ordinal],
        state,
      ]);
      expect(Object.fromEntries(states)).toEqual({
        ...Object.fromEntries(poison.flow.graph.taskIds.map((id) => [id, "failed"])),
        after: "upstream_failed",
      });
      const deaf = poison.flow.graph.taskIds.indexOf("deaf");
      for (const { ordinal, state, error } of await readAttempts(world.pool, run)) {
        expect(error?.message, poison.flow.graph.taskIds[ordinal]).toMatch(/\S/);
        expect(state).toBe(ordinal === deaf ? "timed_out" : "failed");
      }
    }
    expect(runner.alive()).toBe(true);
    expect(await world.finish(keys)).toEqual([]);
  });
});

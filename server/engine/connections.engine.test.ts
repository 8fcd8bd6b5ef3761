/** What a network and a server do to connections, and that it costs no task and overlaps none. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { begin, expectRecovered, inWorlds } from "../../test/engine/faults.ts";
import { type DatabaseProxy, startProxy } from "../../test/engine/proxy.ts";
import { quickLease } from "../../test/engine/runner-process.ts";
import { readRun, until } from "../../test/engine/runs.ts";
import type { EngineWorld } from "../../test/engine/world.ts";
import type { TaskDraft } from "../../test/flow-builder.ts";

interface Fault {
  name: string;
  /** Does it until the run has ended or enough has happened. */
  cause(proxy: DatabaseProxy, world: EngineWorld, over: () => Promise<boolean>): Promise<void>;
}

const TASKS = 60;
/** So many tasks follow each other. */
const WIDTH = 10;
const LOST_ANSWERS = 20;
const CUTS = 8;

const faults: Fault[] = [
  {
    name: "writes that commit and then report an error",
    async cause(proxy, _world, over) {
      proxy.loseAnswers(5);
      await until("answers to be lost", async () => proxy.lost() >= LOST_ANSWERS || (await over()));
      proxy.loseAnswers(0);
      expect(proxy.lost()).toBeGreaterThan(LOST_ANSWERS / 2);
    },
  },
  {
    name: "all connections terminated, again and again",
    async cause(_proxy, world, over) {
      let ended = 0;
      for (let cut = 0; cut < CUTS && !(await over()); cut += 1) {
        const { rowCount } = await world.pool.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and application_name like 'idem runner%'`,
        );
        ended += rowCount ?? 0;
        await sleep(100);
      }
      expect(ended).toBeGreaterThan(CUTS);
    },
  },
  {
    name: "connections that stay open and pass nothing on",
    async cause(proxy, world) {
      const done = () => world.witness.lines().filter(({ what }) => what === "done").length;
      await until("a third to be done", async () => done() >= TASKS / 3);
      proxy.silence();
    },
  },
  {
    name: "a slow network",
    async cause(proxy) {
      proxy.slow(15);
    },
  },
];

it("costs no task and overlaps none whatever becomes of connections", async () => {
  await inWorlds(faults.length, async (world, index) => {
    const fault = faults[index] as Fault;
    const proxy = await startProxy(world.url);
    try {
      await world.startRunner({ ...quickLease, DATABASE_URL: proxy.url });
      const tasks: Record<string, TaskDraft> = {};
      for (let i = 0; i < TASKS; i++) {
        tasks[`t${i}`] = world.witness.task(5, i < WIDTH ? {} : { needs: [`t${i - WIDTH}`] });
      }
      const runId = await begin(world, tasks);
      const over = async () => (await readRun(world.pool, runId)).finishedAt !== null;
      await fault.cause(proxy, world, over);
      await expectRecovered(world, runId);
    } catch (error) {
      throw new Error(`${fault.name}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    } finally {
      await proxy.close();
    }
  });
});

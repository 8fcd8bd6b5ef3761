/** A database, a home, a witness and runners: everything that one engine test needs, on its own. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { createTestDatabase } from "../database.ts";
import { changedHistory, checkInvariants, readHistory } from "../invariants/invariants.ts";
import { programs } from "./programs.ts";
import { type RunnerProcess, startRunner } from "./runner-process.ts";
import { until } from "./runs.ts";
import { Witness } from "./witness.ts";

export interface EngineWorld {
  pool: pg.Pool;
  url: string;
  home: string;
  witness: Witness;
  startRunner(
    env?: Record<string, string>,
    nodeOptions?: readonly string[],
  ): Promise<RunnerProcess>;
  /**
   * Keeps a runner up as a supervisor would: another is started whenever one has ended, until the world
   * does. @returns how many have ended so far
   */
  keepRunner(env?: Record<string, string>): Promise<() => number>;
  /** Ends all runners and checks every invariant. @returns what breaks one */
  finish(acknowledged?: readonly string[]): Promise<string[]>;
  /** What stands in its way: open task runs, runners with what they wrote, sessions and their locks. */
  describe(): Promise<string>;
  /** Removes everything, whatever the test has left. */
  remove(): Promise<void>;
}

const OPEN_ENDS = {
  "task runs": `select run_id, ordinal, state, attempt, lost_in_row, pending, not_before, ready_at,
                       started_at, runner_id, now() from task_run where state not in ('succeeded', 'skipped')`,
  runners: "select id, state, slots, running, heartbeat_at, lease_until, now() from runner",
  sessions: `select pid, application_name, state, wait_event_type, wait_event, xact_start, query_start,
                    pg_blocking_pids(pid) as blocked_by, left(query, 200) as query
               from pg_stat_activity where datname = current_database()`,
};

/** @param server another database than a new one of the test cluster */
export async function createWorld(server?: { url: string; pool: pg.Pool }): Promise<EngineWorld> {
  const own = server === undefined ? await createTestDatabase() : null;
  const { url, pool } = server ?? (own as { url: string; pool: pg.Pool });
  const home = await mkdtemp(join(tmpdir(), "idem-engine-"));
  const witness = await Witness.create(join(home, "witness"));
  const runners: RunnerProcess[] = [];

  let closing = false;

  const stopAll = async (signal: NodeJS.Signals): Promise<void> => {
    closing = true;
    for (const runner of runners) {
      // A frozen process takes no other signal.
      runner.kill("SIGCONT");
      runner.kill(signal);
    }
    await Promise.all(runners.map((runner) => runner.exit()));
  };

  /** While somebody is left to find out about them: it takes until their leases have ended. */
  const killedGivenUp = async (): Promise<void> => {
    if (!runners.some((runner) => runner.alive())) return;
    const killed = runners.filter((runner) => !runner.alive()).map(({ id }) => id);
    await until("killed runners to be given up", async () => {
      const { rowCount } = await pool.query(
        "select from runner where id = any($1::bigint[]) and state in ('active', 'draining')",
        [killed],
      );
      return rowCount === 0;
    });
  };

  const start: EngineWorld["startRunner"] = async (env = {}, nodeOptions = []) => {
    const program = programs.runner;
    const runner = await startRunner({ program, pool, url, home, env, nodeOptions });
    runners.push(runner);
    if (closing) runner.kill("SIGKILL");
    return runner;
  };

  return {
    pool,
    url,
    home,
    witness,
    startRunner: start,
    async keepRunner(env) {
      let ended = 0;
      const replace = async (runner: RunnerProcess): Promise<void> => {
        await runner.exited;
        if (closing) return;
        ended += 1;
        await replace(await start(env));
      };
      const first = await start(env);
      replace(first).catch((error: unknown) => {
        // The database goes with the world.
        if (!closing) console.error("No other runner could be started:", error);
      });
      return () => ended;
    },
    async finish(acknowledged = []) {
      const before = await readHistory(pool);
      await killedGivenUp();
      await stopAll("SIGTERM");
      const look = () =>
        checkInvariants({
          pool,
          acknowledged,
          witness: witness.lines(),
          traces: [home],
        });
      // Watchdogs end a moment after their runners.
      const found = await until("the last processes to end", async () => {
        const complaints = await look();
        return complaints.some((text) => text.includes("is left")) ? null : complaints;
      }).catch(look);
      return [...found, ...changedHistory(before, await readHistory(pool))];
    },
    async describe() {
      const parts: string[] = [];
      for (const [title, sql] of Object.entries(OPEN_ENDS)) {
        const { rows } = await pool.query<Record<string, unknown>>(sql);
        parts.push(title, ...rows.map((row) => `  ${JSON.stringify(row)}`));
      }
      for (const runner of runners) {
        const state = runner.alive() ? "alive" : "ended";
        parts.push(`runner ${runner.id}, process ${runner.pid}, ${state}`, runner.output());
      }
      return parts.join("\n");
    },
    async remove() {
      await stopAll("SIGKILL");
      await own?.close();
      await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

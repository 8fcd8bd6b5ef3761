/** A runner that is driven by hand: takes real claims and reports what the test says. */
import type pg from "pg";
import type { Json } from "#server/core/flow/spec.ts";
import { claim, complete } from "#server/db/queue/queue.ts";
import { connectHot, type HotConnection } from "#server/db/queue/queue-connection.ts";
import { registerRunner } from "#server/db/runners.ts";
import { settleRun } from "#server/engine/settle/settle.ts";

/**
 * What a task does: fail, time out, stop because that was asked for, or succeed with an output. By task id, for a task run of a list by
 * `id[place]`; others succeed without output.
 */
export type Script = Record<string, "fail" | "time out" | "stop" | { output: Json }>;

/** Says what a task of a run does, where that differs from run to run. */
export type Judge = (task: string, runId: string) => Promise<Script[string] | undefined>;

/** What is reported of attempts that do not succeed. */
const misfortunes = {
  fail: { outcome: "failed", error: { kind: "exit", message: "exit code 1", exitCode: 1 } },
  "time out": { outcome: "timed_out", error: { kind: "timeout", message: "Timed out after 1 s." } },
  stop: { outcome: "cancelled", error: { kind: "cancelled", message: "Cancelled." } },
} as const;

/** An attempt that the runner holds. */
export interface HeldClaim {
  runId: string;
  ordinal: number;
  attempt: number;
}

export interface HandRunner {
  /** Executes everything that is ready until the queue is empty. Returns executed task ids. */
  drain(script?: Script | Judge): Promise<string[]>;
  /** Takes everything that is ready, and goes on to hold it. */
  take(): Promise<HeldClaim[]>;
  /** Reports what became of something that it holds. */
  end(held: HeldClaim, how: Script[string] | undefined): Promise<void>;
  close(): Promise<void>;
}

export async function startHandRunner(url: string, pool: pg.Pool): Promise<HandRunner> {
  const connection: HotConnection = await connectHot(url, {
    name: "idem test runner",
    timeoutMs: 10_000,
    onError: (error) => {
      throw error;
    },
  });
  const id = await registerRunner(
    pool,
    { name: "by hand", host: "test", pid: process.pid, version: "test", slots: 100 },
    3_600_000,
  );
  const drain = async (script: Script | Judge = {}): Promise<string[]> => {
    const executed: string[] = [];
    for (;;) {
      const { claims } = await claim(connection, id, 100);
      if (claims.length === 0) return executed;
      for (const held of claims) {
        const row = await pool.query<{ id: string }>(
          "select task_id as id from revision_task where revision_id = $1 and ordinal = $2",
          [held.revisionId, held.each?.of ?? held.ordinal],
        );
        const name = row.rows[0]?.id ?? "";
        const task = held.each === null ? name : `${name}[${held.each.index}]`;
        executed.push(task);
        const how = typeof script === "function" ? script(task, held.runId) : script[task];
        await end(held, await how);
      }
    }
  };
  const end = async (held: HeldClaim, how: Script[string] | undefined): Promise<void> => {
    const { runId } = held;
    if (typeof how === "string") {
      await settleRun(pool, runId, [{ ...held, runnerId: id, ...misfortunes[how] }], () => 0);
      return;
    }
    const output = how === undefined ? {} : { output: how.output };
    const done = await complete(connection, id, [{ ...held, ...output }], 0);
    for (const run of [...done.undecided, ...done.unended]) {
      await settleRun(pool, run, [], () => 0);
    }
  };
  const take = async () => (await claim(connection, id, 100)).claims;
  return { drain, take, end, close: () => connection.close() };
}

import { randomUUID } from "node:crypto";
import { Counter, Gauge, Registry } from "prom-client";
import { actorOf } from "#server/auth/request-actor.ts";
import { webDeps } from "#server/trpc/deps.ts";
import { EndedCounter, getMetrics, type Metrics } from "#server/usecases/metrics.ts";
import { errorResponse } from "./errors.ts";
import { httpMetrics } from "./http-metrics.ts";

const counter = new EndedCounter();

/** Numbers for Prometheus, in its text format: those of the database, then those of this process. */
export async function handleMetrics(request: Request): Promise<Response> {
  const requestId = randomUUID();
  try {
    const metrics = await getMetrics(webDeps(), actorOf(request.headers), counter);
    const registry = registryOf(metrics);
    const text = `${await registry.metrics()}${await httpMetrics().registry.metrics()}`;
    return new Response(text, {
      headers: { "content-type": registry.contentType, "cache-control": "no-store" },
    });
  } catch (error) {
    return errorResponse(error, requestId);
  }
}

/** A fresh registry for each look: a pool, flow or runner that is gone leaves nothing behind. */
export function registryOf(metrics: Metrics): Registry {
  const registry = new Registry();
  const gauge = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Gauge({ name: `idem_${name}`, help, labelNames, registers: [registry] });
  const count = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Counter({ name: `idem_${name}`, help, labelNames, registers: [registry] });

  const ready = gauge("queue_ready_tasks", "Ready tasks, by pool.", ["pool"]);
  const oldest = gauge("queue_oldest_wait_seconds", "Wait of the oldest ready task.", ["pool"]);
  const used = gauge("pool_slots_used", "Slots of the pool in use.", ["pool"]);
  const slots = gauge("pool_slots", "Slots of pools that have a limit.", ["pool"]);
  for (const pool of metrics.pools) {
    const label = { pool: pool.name };
    ready.set(label, pool.ready);
    used.set(label, pool.running);
    if (pool.slots !== null) slots.set(label, pool.slots);
    const since = pool.oldestReadyAt === null ? metrics.now : Date.parse(pool.oldestReadyAt);
    oldest.set(label, Math.max(0, metrics.now - since) / 1000);
  }
  gauge("queue_retry_wait_tasks", "Tasks that wait for their next attempt.").set(metrics.retryWait);

  const open = gauge("runs_open", "Runs that have not ended.", ["flow", "state"]);
  for (const { flow, state, n } of metrics.openRuns) open.set({ flow, state }, n);
  const runs = count("runs_ended_total", "Runs that have ended.", ["flow", "state"]);
  for (const { flow, state, n } of metrics.ended.runs) runs.inc({ flow, state }, n);
  const attempts = count("attempts_ended_total", "Attempts that have ended.", ["flow", "state"]);
  for (const { flow, state, n } of metrics.ended.attempts) attempts.inc({ flow, state }, n);

  gauge("schedule_lag_seconds", "How late the schedule is that has been due for the longest.").set(
    metrics.schedules.lag,
  );
  gauge("schedules_due", "Schedules whose tick has come and has not fired.").set(
    metrics.schedules.due,
  );

  const state = gauge("runners", "Runners that have not ended.", ["state"]);
  state.set({ state: "active" }, 0);
  state.set({ state: "draining" }, 0);
  const runnerSlots = gauge("runner_slots", "Tasks at a time.", ["runner"]);
  const runnerUsed = gauge("runner_slots_used", "Tasks that execute.", ["runner"]);
  const memory = gauge("runner_memory_bytes", "Resident memory.", ["runner"]);
  const heartbeat = gauge("runner_heartbeat_age_seconds", "Since its last heartbeat.", ["runner"]);
  for (const runner of metrics.runners) {
    const label = { runner: runner.name };
    state.inc({ state: runner.state });
    runnerSlots.set(label, runner.slots);
    runnerUsed.set(label, runner.running);
    memory.set(label, runner.memoryBytes);
    heartbeat.set(label, runner.heartbeatAgeMs / 1000);
  }
  return registry;
}

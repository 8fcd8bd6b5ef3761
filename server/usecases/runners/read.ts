import { type Actor, authorise } from "#server/auth/actor.ts";
import type { RunnerView } from "#server/core/queue/runner-view.ts";
import { readNow } from "#server/db/clock.ts";
import type { Deps } from "#server/usecases/deps.ts";

/** Runners that stopped or were lost stay in lists for this long. */
const rememberMs = 60 * 60 * 1000;

/** Runners at work first, then those that left within the last hour; the oldest first. */
export async function listRunners(deps: Deps, actor: Actor): Promise<RunnerView[]> {
  authorise(actor, "run:read");
  const now = (await readNow(deps.pool)).getTime();
  const rows = await deps.prisma.runner.findMany({
    where: {
      OR: [
        { state: { in: ["active", "draining"] } },
        { heartbeatAt: { gt: new Date(now - rememberMs) } },
      ],
    },
    // In the order of the enumeration: active, draining, stopped, lost.
    orderBy: [{ state: "asc" }, { id: "asc" }],
    take: 500,
  });
  return rows.map((row) => ({
    id: row.id.toString(),
    name: row.name,
    host: row.host,
    pid: row.pid,
    version: row.version,
    state: row.state,
    slots: row.slots,
    labels: row.labels,
    running: row.running,
    ended: Number(row.ended),
    drainedBy: row.drainedBy,
    memoryBytes: Number(row.memoryBytes),
    startedAt: row.startedAt.toISOString(),
    heartbeatAt: row.heartbeatAt.toISOString(),
    heartbeatAgeMs: Math.max(0, now - row.heartbeatAt.getTime()),
  }));
}

import type { PoolClient } from "pg";
import type { FlowSpec } from "#server/core/flow/spec.ts";
import { checkParams } from "#server/core/run/check-order.ts";
import { syncSchedules } from "#server/core/schedule/sync.ts";
import {
  dropSchedules,
  insertScheduleEvents,
  lockSchedulesOf,
  writeSchedules,
} from "#server/db/schedule/schedules.ts";

/**
 * Makes the schedules of a flow those of the revision that has just become the current one, within
 * the caller's transaction.
 * @throws AppError INVALID_PARAMS when a schedule does not fit the parameters of the flow
 */
export async function storeSchedules(
  client: PoolClient,
  spec: FlowSpec,
  revision: { id: string; number: number },
  actor: string,
): Promise<void> {
  const { now, schedules } = await lockSchedulesOf(client, spec.id);
  const { write, drop } = syncSchedules(schedules, spec.schedules, now);
  if (write.length > 0) {
    await writeSchedules(
      client,
      spec.id,
      revision.id,
      write.map((schedule) => ({
        ...schedule,
        params: checkParams(spec.params, schedule.spec.params ?? {}),
      })),
    );
  }
  if (drop.length > 0) await dropSchedules(client, spec.id, drop);
  const changes = [
    ...write.map(({ key, change }) => ({ key, verb: change })),
    ...drop.map((key) => ({ key, verb: "dropped" })),
  ];
  await insertScheduleEvents(
    client,
    changes.flatMap(({ key, verb }) =>
      verb === null
        ? []
        : [{ flowId: spec.id, key, actor, verb, detail: { revision: revision.number } }],
    ),
  );
}

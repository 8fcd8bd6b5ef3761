/** Lanes: what tasks have in common that wait behind each other. */
import type { PoolClient } from "pg";

export interface LaneKey {
  pool: string;
  /** Label that a runner must have; empty: any runner will do. */
  label: string;
  /** False for tasks that wait without occupying a slot of a runner or of their pool. */
  takesSlot: boolean;
}

/**
 * The lanes of tasks, made when they are not there yet, and their pools with them: a pool that nobody
 * has given slots is unlimited. Safe to race.
 * @returns one id for each key, in order
 */
export async function ensureLanes(client: PoolClient, keys: readonly LaneKey[]): Promise<number[]> {
  const unique = [...new Map(keys.map((key) => [nameOf(key), key])).values()];
  const columns = [
    unique.map(({ pool }) => pool),
    unique.map(({ label }) => label),
    unique.map(({ takesSlot }) => takesSlot),
  ];
  const known = await findLanes(client, columns);
  if (known.size < unique.length) {
    // In order, so that two revisions that are stored at a time do not wait for each other.
    await client.query(
      `insert into pool (name) select distinct p from unnest($1::text[]) as n(p) order by p
       on conflict do nothing`,
      [columns[0]],
    );
    await client.query(
      `insert into lane (pool, label, takes_slot)
       select * from unnest($1::text[], $2::text[], $3::bool[]) as l(pool, label, takes_slot)
        order by pool, label, takes_slot on conflict do nothing`,
      columns,
    );
    for (const [name, id] of await findLanes(client, columns)) known.set(name, id);
  }
  return keys.map((key) => {
    const id = known.get(nameOf(key));
    if (id === undefined) throw new Error(`the lane ${nameOf(key)} vanished`);
    return id;
  });
}

async function findLanes(client: PoolClient, columns: unknown[]): Promise<Map<string, number>> {
  const result = await client.query<LaneKey & { id: number }>(
    `select l.id, l.pool, l.label, l.takes_slot as "takesSlot"
       from unnest($1::text[], $2::text[], $3::bool[]) as k(pool, label, takes_slot)
       join lane l on l.pool = k.pool and l.label = k.label and l.takes_slot = k.takes_slot`,
    columns,
  );
  return new Map(result.rows.map((row) => [nameOf(row), row.id]));
}

const nameOf = ({ pool, label, takesSlot }: LaneKey) => `${pool} ${label} ${takesSlot}`;

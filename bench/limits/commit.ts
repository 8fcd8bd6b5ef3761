/** What one commit costs: the floor under every hand-off. */
import type { Bench } from "../kit/bench.ts";
import { connect } from "../kit/client.ts";

export interface CommitLimit {
  /** Times of `count` transactions one after the other, in milliseconds. */
  measure(count: number): Promise<number[]>;
  close(): Promise<void>;
}

/**
 * One connection, one prepared statement that updates one row of its own table and commits.
 * @param url a database of the cluster that is measured
 */
export async function openCommitLimit(bench: Bench, url: string): Promise<CommitLimit> {
  const { client, close } = await connect(bench, url, "bench commit");
  await client.query(
    "create table if not exists bench_commit (id int primary key, n int not null)",
  );
  await client.query("insert into bench_commit values (1, 0) on conflict do nothing");
  const once = async (): Promise<number> => {
    const began = performance.now();
    await client.query({
      name: "bench_commit",
      text: "update bench_commit set n = n + 1 where id = $1",
      values: [1],
    });
    return performance.now() - began;
  };
  for (let i = 0; i < 20; i++) await once();
  return {
    async measure(count) {
      const times: number[] = [];
      for (let i = 0; i < count; i++) times.push(await once());
      return times;
    },
    close,
  };
}

/** How many single-row update transactions PostgreSQL commits per second over several connections. */
import type { Client } from "pg";
import type { Bench } from "../kit/bench.ts";
import { connect } from "../kit/client.ts";

const CONNECTIONS = 8;
/** Rows of each connection, so that no connection waits for another's row. */
const ROWS = 1_000;

export interface UpdateLimit {
  /** @returns transactions per second over `durationMs` */
  measure(durationMs: number): Promise<number>;
  close(): Promise<void>;
}

/** @param url a database of the cluster that is measured */
export async function openUpdateLimit(bench: Bench, url: string): Promise<UpdateLimit> {
  const connections = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => connect(bench, url, "bench updates")),
  );
  const clients = connections.map(({ client }) => client);
  const [first] = clients;
  await first?.query("create table bench_updates (id int primary key, n int not null)");
  await first?.query("insert into bench_updates select g, 0 from generate_series(1, $1::int) g", [
    CONNECTIONS * ROWS,
  ]);

  async function loop(client: Client, index: number, until: number): Promise<number> {
    let done = 0;
    while (performance.now() < until) {
      await client.query({
        name: "bench_updates",
        text: "update bench_updates set n = n + 1 where id = $1",
        values: [index * ROWS + (done % ROWS) + 1],
      });
      done += 1;
    }
    return done;
  }

  async function measure(durationMs: number): Promise<number> {
    const began = performance.now();
    const until = began + durationMs;
    const counts = await Promise.all(clients.map((client, index) => loop(client, index, until)));
    const seconds = (performance.now() - began) / 1000;
    return counts.reduce((sum, count) => sum + count, 0) / seconds;
  }

  await measure(500);
  return {
    measure,
    async close() {
      await Promise.all(connections.map(({ close }) => close()));
    },
  };
}

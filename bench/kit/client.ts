/** Bare connections of the benchmark. */
import pg from "pg";
import type { Bench } from "./bench.ts";

export interface BareClient {
  client: pg.Client;
  close(): Promise<void>;
}

/** One connection that is closed at the end at the latest. */
export async function connect(bench: Bench, url: string, name: string): Promise<BareClient> {
  const client = new pg.Client({ connectionString: url, application_name: name });
  // A connection that breaks between two statements fails the next one; that is where it is told.
  client.on("error", () => {});
  await client.connect();
  return { client, close: bench.cleanup.add(() => client.end()) };
}

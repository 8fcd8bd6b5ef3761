/** What most tests of the database share for a whole file. Call at its top: hooks fill it in. */
import { afterAll, beforeAll } from "vitest";
import { createPrisma } from "#server/db/connection.ts";
import type { Deps } from "#server/usecases/deps.ts";
import { createTestDatabase, type TestDatabase } from "./database.ts";
import { type HandRunner, startHandRunner } from "./hand-runner.ts";

export interface SharedDatabase extends TestDatabase {
  /** What use cases work with. */
  deps: Deps;
}

/** A database for the tests of a file, there from the first of them to the last. */
export function sharedDatabase(): SharedDatabase {
  const deps = {} as Deps;
  const database = { deps } as SharedDatabase;
  beforeAll(async () => {
    Object.assign(database, await createTestDatabase());
    Object.assign(deps, { pool: database.pool, prisma: createPrisma(database.pool) });
  });
  afterAll(() => database.close());
  return database;
}

/** A runner on that database, driven by the tests. */
export function sharedRunner(database: SharedDatabase): HandRunner {
  const runner = {} as HandRunner;
  beforeAll(async () => {
    Object.assign(runner, await startHandRunner(database.url, database.pool));
  });
  afterAll(() => runner.close());
  return runner;
}

import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/longest-first.ts";

const ignored = ["**/node_modules/**", "**/dist/**", "**/.next/**", "**/.idem/**", "e2e/**"];

/** Tests of real processes mostly wait for them, so that more of them than cores go side by side. */
const ENGINE_WORKERS = Math.max(3, availableParallelism());
const WORKERS = Math.max(2, availableParallelism());

/** Three suites: `unit` is pure, `db` needs PostgreSQL, `engine` starts real processes as well. */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          include: ["**/*.test.{ts,tsx}"],
          exclude: [...ignored, "**/*.db.test.ts", "**/*.engine.test.ts"],
          // Half of their time would go into loading the same modules for each file; none is replaced.
          isolate: false,
          maxWorkers: WORKERS,
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: "db",
          include: ["**/*.db.test.ts"],
          exclude: ignored,
          globalSetup: ["./test/global-setup.ts"],
          isolate: false,
          maxWorkers: WORKERS,
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "engine",
          include: ["**/*.engine.test.ts"],
          exclude: ignored,
          globalSetup: ["./test/global-setup.ts", "./test/engine/bundle-programs.ts"],
          maxWorkers: ENGINE_WORKERS,
          // Another number of workers asks for a turn of its own.
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});

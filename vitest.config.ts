import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const ignored = ["**/node_modules/**", "**/dist/**", "**/.next/**", "**/.idem/**", "e2e/**"];

/** Tests of real processes mostly wait for them, so that more of them than cores go side by side. */
const ENGINE_WORKERS = Math.max(3, availableParallelism());
const WORKERS = Math.max(2, availableParallelism());

/** Three suites: `unit` is pure, `db` needs PostgreSQL, `engine` starts real processes as well. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["**/*.test.{ts,tsx}"],
          exclude: [...ignored, "**/*.db.test.ts", "**/*.engine.test.ts"],
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

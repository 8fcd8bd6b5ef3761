/** The programs of a runner and of deliveries, bundled as in the product, in a folder of their own. */
import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { build } from "esbuild";

const entries = {
  runner: "server/runner.ts",
  jobs: "server/jobs.ts",
  watchdog: "server/engine/watchdog/watchdog.ts",
  worker: "server/engine/worker/worker.ts",
  planner: "test/engine/planner.ts",
};

export interface Programs {
  runner: string;
  /** Plans and starts one backfill, as a web process would. */
  planner: string;
  /** The process that delivers notifications. */
  jobs: string;
  remove(): Promise<void>;
}

/**
 * Bundles the runner, its watchdog and its worker, what delivers notifications, and the planner of
 * backfills. Bundles start in a fraction of the time that
 * hundreds of modules take, and they are what the product runs.
 */
export async function bundleRunner(): Promise<Programs> {
  // Below the project, so that packages are found.
  const folder = resolve("node_modules/.cache/idem-test", String(process.pid));
  await mkdir(folder, { recursive: true });
  await build({
    entryPoints: entries,
    outdir: folder,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    packages: "external",
    sourcemap: true,
    logLevel: "warning",
  });
  const runner = join(folder, "runner.js");
  if (!existsSync(runner)) throw new Error(`${runner} was not built`);
  return {
    runner,
    jobs: join(folder, "jobs.js"),
    planner: join(folder, "planner.js"),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

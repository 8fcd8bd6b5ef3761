/** Bundles what engine tests start by the hundred, before the first of them. */
import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import type { TestProject } from "vitest/node";
import type { Programs } from "./programs.ts";

/** Beside them lie watchdog.js and worker.js, where a runner looks for them. */
const started: Record<keyof Programs, string> = {
  runner: "server/runner.ts",
  jobs: "server/jobs.ts",
  planner: "test/engine/planner.ts",
};
const besides = {
  watchdog: "server/engine/watchdog/watchdog.ts",
  worker: "server/engine/worker/worker.ts",
};

/** Below the project, so that the package that is left out is found. */
const folder = resolve("node_modules/.cache/idem-test", String(process.pid));

/** What they import is a part of their files, unlike in the product: that halves the cost of a start. */
export async function setup(project: TestProject): Promise<void> {
  await mkdir(folder, { recursive: true });
  await build({
    entryPoints: { ...started, ...besides },
    outdir: folder,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    // esbuild brings a program for this machine, pg asks for a module that need not be there.
    external: ["esbuild", "pg-native"],
    banner: {
      js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
    },
    logLevel: "warning",
  });
  const path = (name: keyof Programs) => join(folder, `${name}.js`);
  project.provide("programs", {
    runner: path("runner"),
    jobs: path("jobs"),
    planner: path("planner"),
  });
}

export async function teardown(): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

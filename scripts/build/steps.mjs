/** What the product is built from, in three steps: database client, programs, pages. */
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { makeIfStale } from "./inputs.mjs";

const CHUNK_AGE_MS = 24 * 3_600_000;
const common = ["package-lock.json", "tsconfig.json", "scripts/build"];

/** Programs that run in processes of their own for long, by the name of their file in dist/. */
const services = {
  start: "server/start.ts",
  web: "server/web.ts",
  runner: "server/runner.ts",
  flows: "server/flows.ts",
  jobs: "server/jobs.ts",
  watchdog: "server/engine/watchdog/watchdog.ts",
  worker: "server/engine/worker/worker.ts",
};

/** Commands, which end as soon as they can: what they import is a part of their file. */
const commands = { idem: "cli/main.ts" };

const bundling = {
  outdir: "dist",
  bundle: true,
  splitting: true,
  chunkNames: "chunk-[hash]",
  format: "esm",
  platform: "node",
  target: "node20.19",
  sourcemap: true,
  logLevel: "warning",
};

function run(name, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
    });
    let output = "";
    child.stdout.on("data", (data) => {
      output += data;
    });
    child.stderr.on("data", (data) => {
      output += data;
    });
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${name} failed (${signal ?? code}):\n${output}`));
    });
  });
}

/** The Prisma client, from the schema. */
export function generateClient(tell) {
  return makeIfStale({
    name: "database client",
    inputs: [...common, "prisma/schema.prisma", "prisma.config.ts"],
    outputs: ["server/db/generated/client.ts"],
    tell,
    make: () => run("prisma generate", ["node_modules/prisma/build/index.js", "generate"]),
  });
}

/** A running product may still load a chunk of the build before, so only old ones go. */
function removeOldChunks() {
  for (const name of readdirSync("dist")) {
    const file = `dist/${name}`;
    if (name.startsWith("chunk-") && Date.now() - statSync(file).mtimeMs > CHUNK_AGE_MS) {
      rmSync(file);
    }
  }
}

/**
 * The programs, bundled: one file each starts faster than hundreds of modules. Services load packages
 * as they are installed; for a command that takes a third of its start.
 */
export function bundlePrograms(tell) {
  const entries = Object.entries({ ...services, ...commands });
  return makeIfStale({
    name: "programs",
    inputs: [...common, "server", "sdk", "cli", "prisma/schema.prisma"],
    outputs: entries.map(([name]) => `dist/${name}.js`),
    tell,
    async make() {
      const { build } = await import("esbuild");
      mkdirSync("dist", { recursive: true });
      removeOldChunks();
      await build({ ...bundling, entryPoints: services, packages: "external" });
      await build({
        ...bundling,
        entryPoints: commands,
        // It brings a program for this machine, which it looks for beside itself.
        external: ["esbuild"],
        // Packages of the older kind ask for modules of Node by a function that new ones lack.
        banner: {
          js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
        },
      });
    },
  });
}

/** The pages and their API, by Next. */
export function buildPages(tell) {
  return makeIfStale({
    name: "pages",
    inputs: [
      ...[...common, "next.config.js", "postcss.config.mjs", "prisma/schema.prisma"],
      ...["app", "components", "messages", "public", "sdk", "server"],
    ],
    outputs: [".next/BUILD_ID"],
    tell,
    make: () => run("next build", ["node_modules/next/dist/bin/next", "build"]),
  });
}

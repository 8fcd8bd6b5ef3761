/** Entry point of `npm start` and `npm run dev`: the supervisor of one machine. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { AppError } from "#server/core/errors.ts";
import { watchLauncher } from "#server/start/launcher.ts";
import { readSettings } from "#server/start/settings.ts";
import { Supervisor } from "#server/start/supervisor.ts";
import { watchSources } from "#server/start/watch-sources.ts";

/** Ctrl-C reaches npm and its command alike, and npm passes it on: one request, two signals. */
const SAME_REQUEST_MS = 1_000;

/** Beside this file lie web.js and runner.js in dist/, web.ts and runner.ts in server/. */
function program(name: string): string {
  const built = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
  return existsSync(built) ? built : fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
}

function explain(error: unknown): string {
  if (!(error instanceof AppError)) return error instanceof Error ? `${error.stack}` : `${error}`;
  return error.fix === undefined ? error.message : `${error.message} ${error.fix}`;
}

function fail(error: unknown): never {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(1);
}

async function main(): Promise<void> {
  // A terminal or a pipe that is gone is no reason to leave the database without its supervisor.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  const supervisor = new Supervisor({
    settings: readSettings(process.env),
    programs: {
      web: program("web"),
      runner: program("runner"),
      flows: program("flows"),
      jobs: program("jobs"),
    },
    migrations: fileURLToPath(new URL("../prisma/migrations", import.meta.url)),
    env: process.env,
    log: (message) => process.stderr.write(`${message}\n`),
    onReady: (address) => process.stdout.write(`Idem is ready: ${address}\n`),
    onFailure: fail,
  });

  let firstAskedAt: number | null = null;
  const stop = () => {
    const now = performance.now();
    if (firstAskedAt === null) {
      firstAskedAt = now;
      process.stderr.write("Stopping\n");
      supervisor.stop().then(() => process.exit(0), fail);
    } else if (now - firstAskedAt > SAME_REQUEST_MS) {
      process.stderr.write("Stopping at once\n");
      supervisor.hurry();
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  watchLauncher(stop);
  if (process.env.NODE_ENV === "development") {
    watchSources(["server", "sdk"], () => void supervisor.restartWorkers());
  }

  try {
    await supervisor.start();
  } catch (error) {
    await supervisor.stop();
    fail(error);
  }
}

main().catch(fail);

/** A runner process: takes ready tasks and executes them. */
import { AppError } from "./core/errors.ts";
import { Runner } from "./engine/runner.ts";
import { readRunnerSettings } from "./engine/settings.ts";
import { log } from "./log.ts";
import { stopWithSupervisor, tellSupervisor } from "./start/lifecycle.ts";
import { readVersion } from "./version.ts";

/** Besides drain and hand-back: closing connections. */
const CLOSE_LIMIT_MS = 4_000;
/** EX_TEMPFAIL: nothing is wrong with the program, start it again. */
const EXIT_LOST = 75;

async function main(): Promise<void> {
  const settings = readRunnerSettings(process.env);
  const runner = await Runner.start({
    settings,
    version: readVersion(),
    log: {
      info: (message) => log.info(message),
      warn: (message, error) => log.warn({ err: error }, message),
    },
    onLost: () => {
      log.error("This runner was given up by the others; it ends so that a fresh one can start");
      process.exit(EXIT_LOST);
    },
  });
  log.info({ runner: runner.id, slots: settings.slots }, `Runner ${settings.name} is up`);
  stopWithSupervisor(() => runner.stop(), settings.drainMs + 2 * CLOSE_LIMIT_MS);
  tellSupervisor({ type: "ready" });
}

main().catch((error: unknown) => {
  if (error instanceof AppError && error.code === "INVALID_INPUT") {
    tellSupervisor({ type: "refused", message: error.message });
  }
  log.fatal({ err: error }, "The runner could not start");
  process.exit(1);
});

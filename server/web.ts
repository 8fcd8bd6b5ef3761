/** Entry point of the web process: the pages and the API, over HTTP. Stateless. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { stopWithSupervisor, tellSupervisor } from "#server/start/lifecycle.ts";
import { portError } from "#server/start/port.ts";
import { readSettings } from "#server/start/settings.ts";
import { startWeb } from "#server/web/server.ts";

const STOP_LIMIT_MS = 4_000;

async function main(): Promise<void> {
  const { host, port } = readSettings(process.env);
  const starting = startWeb({
    host,
    port,
    dir: dirname(dirname(fileURLToPath(import.meta.url))),
    development: process.env.NODE_ENV === "development",
  });
  stopWithSupervisor(async () => {
    const server = await starting.catch(() => null);
    await server?.close();
  }, STOP_LIMIT_MS);
  try {
    await starting;
  } catch (error) {
    if (!(error instanceof Error) || !("syscall" in error)) throw error;
    const { message, fix } = portError(port, error);
    tellSupervisor({ type: "refused", message: `${message} ${fix}` });
    process.stderr.write(`${message} ${fix}\n`);
    process.exit(1);
  }
  tellSupervisor({ type: "ready" });
}

await main();

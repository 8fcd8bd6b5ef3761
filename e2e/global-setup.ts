import { type ChildProcess, spawn } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Building the pages on two busy cores takes a while. */
const START_LIMIT_MS = 300_000;

/** Resolves when the product says that it is ready. */
function ready(product: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error("Idem was not ready in time")), START_LIMIT_MS);
    product.stdout?.on("data", (data: Buffer) => {
      if (!data.toString().includes("Idem is ready")) return;
      clearTimeout(limit);
      resolve();
    });
    product.once("exit", (code, signal) => {
      clearTimeout(limit);
      reject(new Error(`Idem ended before it was ready (${signal ?? code})`));
    });
  });
}

/**
 * Starts the built product on a home, a port and a copy of the flows of its own. Tests find the
 * home in IDEM_E2E_HOME; the flows are in `flows/` below it.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const port = process.env.IDEM_E2E_PORT;
  if (port === undefined) throw new Error("playwright.config.ts did not choose a port");
  const home = await mkdtemp(join(tmpdir(), "idem-e2e-"));
  // Workers start after this and inherit it.
  process.env.IDEM_E2E_HOME = home;
  const flows = join(home, "flows");
  await cp("flows", flows, { recursive: true });
  const product = spawn(process.execPath, ["scripts/start.mjs"], {
    env: {
      ...process.env,
      PORT: port,
      HOST: "127.0.0.1",
      IDEM_HOME: home,
      IDEM_FLOWS: flows,
      IDEM_RUNNERS: "1",
      DATABASE_URL: "",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const stop = async () => {
    const gone = new Promise((resolve) => product.once("exit", resolve));
    if (product.exitCode === null && product.signalCode === null) {
      product.kill("SIGTERM");
      await gone;
    }
    await rm(home, { recursive: true, force: true });
  };
  try {
    await ready(product);
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

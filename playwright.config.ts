import { defineConfig } from "@playwright/test";
import { findBrowser } from "./e2e/browser.ts";
import { freePort } from "./server/db/embedded/port.ts";

// This file is read again by every worker; they inherit what the first reading decided.
process.env.IDEM_E2E_PORT ??= String(await freePort());
const browser = await findBrowser();

/** Stories that measure time: one after the other, on a machine that does nothing else. */
const timed = ["palette", "rerun-speed", "smooth", "speed"].map((name) => `${name}.spec.ts`);

/** Two projects, to be run one after the other: `npm run test:e2e` and `npm test` do. */
export default defineConfig({
  testDir: "e2e",
  testMatch: "**/*.spec.ts",
  globalSetup: "./e2e/global-setup.ts",
  workers: 2,
  projects: [
    { name: "stories", testIgnore: timed },
    { name: "timed", testMatch: timed, workers: 1 },
  ],
  retries: 0,
  forbidOnly: true,
  // Long enough for a machine that has much else to do: what is waited for are states.
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: process.env.IDEM_E2E_REPORT
    ? [["list"], ["json", { outputFile: process.env.IDEM_E2E_REPORT }]]
    : [["list"]],
  use: {
    baseURL: `http://127.0.0.1:${process.env.IDEM_E2E_PORT}`,
    viewport: { width: 1440, height: 900 },
    locale: "en-US",
    timezoneId: "UTC",
    // A third of all processor time would go into traces; `--trace retain-on-failure` makes them.
    trace: "off",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: browser.executablePath,
      args: browser.args,
      env: { ...process.env, ...browser.env },
    },
  },
});

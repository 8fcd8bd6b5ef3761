/**
 * `npm run check:dev`: whether `npm run dev` shows changes. Starts it in a copy of the project,
 * changes a component, a word, server code, runner code and a flow, waits until
 * each change is seen where a contributor would look, and checks that Ctrl-C leaves nothing behind.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { openSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium, type Page } from "@playwright/test";
import { freePort } from "#server/db/embedded/port.ts";
import { copyTree } from "../bench/kit/tree.ts";
import { findBrowser } from "../e2e/browser.ts";

const START_LIMIT_MS = 120_000;
const CHANGE_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 20_000;
const LOOK_MS = 100;
/** Longer than a rebuild takes, or a page would be rebuilt without end. */
const SAVE_AGAIN_MS = 10_000;
const COMPONENT = "components/shell/page.tsx";

const project = fileURLToPath(new URL("..", import.meta.url));
const work = join(project, ".idem", "check-dev");
const tree = join(work, "tree");
const home = join(work, "home");
const log = join(work, "dev.log");
const port = await freePort();
const address = `http://127.0.0.1:${port}`;
const env = { ...process.env, PORT: String(port), IDEM_HOME: home, IDEM_URL: address };

async function until(what: string, limitMs: number, holds: () => Promise<boolean>): Promise<void> {
  const began = performance.now();
  while (!(await holds().catch(() => false))) {
    if (performance.now() - began > limitMs) {
      throw new Error(`${what}: not seen within ${limitMs / 1_000} s. The log is ${log}.`);
    }
    await sleep(LOOK_MS);
  }
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  process.stdout.write(`${what}: ${seconds} s\n`);
}

/** @throws Error when the text is not there: this script has to follow the code. */
function change(file: string, from: string, to: string): void {
  const path = join(tree, file);
  const text = readFileSync(path, "utf8");
  if (!text.includes(from)) throw new Error(`${file} does not hold ${from}.`);
  writeFileSync(path, text.replace(from, to));
}

async function idem(...args: string[]): Promise<string> {
  const command = ["cli/idem.mjs", ...args];
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: tree, env });
  return stdout;
}

/**
 * Saves a component until the open page is sent the change. While a page is built for the first time,
 * Next notes what a chunk holds only after it has handed it out, and tells of no change in between.
 */
async function followsComponents(page: Page, isFollowing: () => boolean): Promise<void> {
  let saved = "<h1 ";
  await until("a page that follows", START_LIMIT_MS, async () => {
    const mark = String(performance.now());
    const next = `<h1 data-saved="${mark}" `;
    change(COMPONENT, saved, next);
    saved = next;
    await page.locator(`h1[data-saved="${mark}"]`).waitFor({ timeout: SAVE_AGAIN_MS });
    return isFollowing();
  });
}

async function seesChanges(page: Page): Promise<void> {
  let isFollowing = false;
  page.on("websocket", (socket) => {
    isFollowing = false;
    socket.on("framereceived", ({ payload }) => {
      if (String(payload).startsWith('{"type":"turbopack-message"')) isFollowing = true;
    });
  });
  await page.goto(`${address}/runners`, { waitUntil: "commit", timeout: START_LIMIT_MS });
  const runner = page.getByText("0 of 16 slots in use").first();
  await until("the first page", START_LIMIT_MS, () => runner.isVisible());
  await followsComponents(page, () => isFollowing);
  await page.evaluate("window.sinceLoad = true");
  change(COMPONENT, "<h1 ", '<h1 data-changed="yes" ');
  await until("a component", CHANGE_LIMIT_MS, () => page.locator("h1[data-changed]").isVisible());
  const kept = await page.evaluate("window.sinceLoad === true");
  process.stdout.write(kept ? "  in place\n" : "  by a reload\n");

  change("messages/en/runners.json", '"title": "Runners"', '"title": "Changed runners"');
  await until("a word", CHANGE_LIMIT_MS, async () => {
    await page.reload();
    return page.getByRole("heading", { name: "Changed runners" }).isVisible();
  });

  change(
    "server/usecases/health.ts",
    "missing: [], runners, jobs",
    "missing: [], runners: 77, jobs",
  );
  await until("server code", CHANGE_LIMIT_MS, async () => {
    const answer = await fetch(`${address}/api/health`);
    return ((await answer.json()) as { runners: number }).runners === 77;
  });

  change("server/plugins/tasks/shell/run.ts", '["-c", text]', '["-c", "echo changed;" + text]');
  writeFileSync(
    join(tree, "flows/probe.yaml"),
    "id: probe\ntasks:\n  a: { type: shell, run: pwd }\n",
  );
  await until("runner code and a new flow", CHANGE_LIMIT_MS, async () => {
    const run = JSON.parse(await idem("run", "probe", "--wait", "--json")) as { id: string };
    return (await idem("runs", "logs", run.id)).includes("changed");
  });

  change("flows/probe.yaml", "run: pwd", "run: echo twice");
  await until("a flow", CHANGE_LIMIT_MS, async () => {
    const flow = JSON.parse(await idem("flow", "show", "probe", "--json")) as { revision: number };
    return flow.revision === 2;
  });
}

/** Processes that work in the copy or its home, as far as this system can tell. */
function leftovers(): number[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return [];
    try {
      const folder = readlinkSync(`/proc/${name}/cwd`);
      const command = readFileSync(`/proc/${name}/cmdline`, "latin1");
      return folder.startsWith(work) || command.includes(work) ? [Number(name)] : [];
    } catch {
      return []; // it has ended, or belongs to somebody else
    }
  });
}

async function interrupted(child: ChildProcess): Promise<void> {
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let over = false;
  void ended.then(() => {
    over = true;
  });
  // As a terminal does it: to everything in the foreground.
  process.kill(-(child.pid ?? 0), "SIGINT");
  await until("Ctrl-C", STOP_LIMIT_MS, async () => over);
  await until("nothing left", STOP_LIMIT_MS, async () => leftovers().length === 0);
}

await rm(work, { recursive: true, force: true });
await mkdir(work, { recursive: true });
await copyTree(project, tree);
const output = openSync(log, "w");
const dev = spawn("npm", ["run", "-s", "dev"], {
  cwd: tree,
  env,
  detached: true,
  stdio: ["ignore", output, output],
});
const found = await findBrowser();
const browser = await chromium.launch({
  executablePath: found.executablePath,
  args: found.args,
  env: { ...process.env, ...found.env } as Record<string, string>,
});
try {
  await until("start", START_LIMIT_MS, async () =>
    readFileSync(log, "utf8").includes("Idem is ready"),
  );
  await seesChanges(await browser.newPage());
  await interrupted(dev);
  await rm(work, { recursive: true, force: true });
} finally {
  await browser.close();
  if (dev.exitCode === null && dev.signalCode === null) process.kill(-(dev.pid ?? 0), "SIGTERM");
}

/**
 * `npm test`: builds once, then runs every check and every suite, whatever fails before, and ends
 * by naming what failed and with one line that counts everything.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chdir } from "node:process";
import { fileURLToPath } from "node:url";
import { buildProduct } from "./build/product.mjs";
import { playwrightFailures, vitestFailures } from "./test/failures.mjs";

chdir(fileURLToPath(new URL("..", import.meta.url)));
const reports = mkdtempSync(join(tmpdir(), "idem-reports-"));
const total = { passed: 0, failed: 0, skipped: 0 };
/** Said again at the very end, where whoever sees only the tail of a log finds them. */
const failures = [];

function say(text) {
  process.stdout.write(`${text}\n`);
}

function run(command, args, { env = {}, stdio = "inherit", onOutput = () => {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio, env: { ...process.env, ...env } });
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", onOutput);
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    // The suite ended before it could write one; its exit code says so.
    return null;
  }
}

/** Adds one suite. One that fails without a failed test, such as in its set-up, counts as one. */
function count(name, began, code, { passed = 0, failed = 0, skipped = 0, told = [] }) {
  const broken = code !== 0 && failed === 0 ? 1 : failed;
  if (broken > 0) failures.push(...(told.length > 0 ? told : [`${name} (exit code ${code})`]));
  total.passed += passed;
  total.failed += broken;
  total.skipped += skipped;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  say(`── ${name}: ${passed} passed, ${broken} failed in ${seconds} s`);
}

/** What it writes is shown when it has ended, so that checks beside each other stay readable. */
async function check(name) {
  const began = performance.now();
  const output = [];
  const code = await run("npm", ["run", "--silent", name], {
    stdio: ["ignore", "pipe", "pipe"],
    onOutput: (data) => output.push(data),
  });
  say(`── ${name}`);
  process.stdout.write(Buffer.concat(output));
  count(name, began, code, code === 0 ? { passed: 1 } : { failed: 1 });
}

async function inOrder(...names) {
  for (const name of names) await check(name);
}

async function vitest(...projects) {
  const began = performance.now();
  const file = join(reports, `${projects.join("-")}.json`);
  const selected = projects.flatMap((project) => ["--project", project]);
  const code = await run(process.execPath, [
    ...["node_modules/vitest/vitest.mjs", "run", ...selected],
    ...["--reporter=default", "--reporter=json", `--outputFile.json=${file}`],
  ]);
  const report = readReport(file);
  count(projects.join(" and "), began, code, {
    passed: report?.numPassedTests,
    failed: report?.numFailedTests,
    skipped: report?.numPendingTests,
    told: report === null ? [] : vitestFailures(report),
  });
}

async function playwright(project) {
  const began = performance.now();
  const file = join(reports, `e2e-${project}.json`);
  const cli = "node_modules/@playwright/test/cli.js";
  const code = await run(process.execPath, [cli, "test", "--project", project], {
    env: { IDEM_E2E_REPORT: file },
  });
  const report = readReport(file);
  const stats = report?.stats;
  count(`e2e ${project}`, began, code, {
    passed: stats?.expected,
    failed: stats === undefined ? undefined : stats.unexpected + stats.flaky,
    skipped: stats?.skipped,
    told: report === null ? [] : playwrightFailures(report),
  });
}

try {
  const began = performance.now();
  await buildProduct(say);
  count("build", began, 0, { passed: 1 });
  // The type checker has one thread: the others fit beside it.
  await Promise.all([
    check("typecheck"),
    inOrder("lint", "check:deps", "check:dead", "check:docs"),
  ]);
  await vitest("unit", "db");
  await vitest("engine");
  await playwright("stories");
  await playwright("timed");
} catch (error) {
  failures.push(error.stack);
  total.failed += 1;
} finally {
  rmSync(reports, { recursive: true, force: true });
}
for (const failure of failures) say(`✗ ${failure}`);
say(
  `${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`,
);
process.exitCode = total.failed === 0 ? 0 : 1;

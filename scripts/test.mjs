/**
 * `npm test`: builds once, then runs every check and every suite, whatever fails before, and ends
 * with one line that counts them all.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chdir } from "node:process";
import { fileURLToPath } from "node:url";
import { buildProduct } from "./build/product.mjs";

chdir(fileURLToPath(new URL("..", import.meta.url)));
const reports = mkdtempSync(join(tmpdir(), "idem-reports-"));
const total = { passed: 0, failed: 0, skipped: 0 };

function say(text) {
  process.stdout.write(`${text}\n`);
}

function run(command, args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit", env: { ...process.env, ...env } });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
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
function count(name, began, code, { passed = 0, failed = 0, skipped = 0 }) {
  const broken = code !== 0 && failed === 0 ? 1 : failed;
  total.passed += passed;
  total.failed += broken;
  total.skipped += skipped;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  say(`── ${name}: ${passed} passed, ${broken} failed in ${seconds} s`);
}

async function check(name) {
  const began = performance.now();
  say(`── ${name}`);
  const code = await run("npm", ["run", "--silent", name]);
  count(name, began, code, code === 0 ? { passed: 1 } : { failed: 1 });
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
  });
}

async function playwright() {
  const began = performance.now();
  const file = join(reports, "e2e.json");
  const cli = "node_modules/@playwright/test/cli.js";
  const code = await run(process.execPath, [cli, "test"], { IDEM_E2E_REPORT: file });
  const stats = readReport(file)?.stats;
  count("e2e", began, code, {
    passed: stats?.expected,
    failed: stats === undefined ? undefined : stats.unexpected + stats.flaky,
    skipped: stats?.skipped,
  });
}

try {
  const began = performance.now();
  await buildProduct(say);
  count("build", began, 0, { passed: 1 });
  for (const name of ["typecheck", "lint", "check:deps", "check:dead", "check:docs"])
    await check(name);
  await vitest("unit", "db");
  await vitest("engine");
  await playwright();
} catch (error) {
  process.stderr.write(`${error.stack}\n`);
  total.failed += 1;
} finally {
  rmSync(reports, { recursive: true, force: true });
}
say(
  `${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`,
);
process.exitCode = total.failed === 0 ? 0 : 1;

/**
 * Checks the direction of imports with dependency-cruiser. A cruise that reads nothing exits 0, so
 * the number of modules it read is compared with the number of source files git knows.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const roots = ["app", "bench", "cli", "components", "e2e", "sdk", "server", "test"].filter(
  existsSync,
);
const result = spawnSync(
  process.execPath,
  [
    "node_modules/dependency-cruiser/bin/dependency-cruise.mjs",
    "--config",
    ".dependency-cruiser.cjs",
    "--output-type",
    "json",
    ...roots,
  ],
  { encoding: "utf8", maxBuffer: 256 * 1024 * 1024 },
);
if (result.stdout === "") {
  process.stderr.write(result.stderr);
  process.exit(result.status || 1);
}

const { summary, modules } = JSON.parse(result.stdout);
const isSource = /^(?!.*\/corpus\/).*\.tsx?$/;
const read = new Set(modules.map((module) => module.source).filter((path) => isSource.test(path)));
const tracked = execFileSync("git", ["ls-files", "--", ...roots], { encoding: "utf8" })
  .split("\n")
  .filter((path) => isSource.test(path) && existsSync(path));
const unread = tracked.filter((path) => !read.has(path));

for (const { rule, from, to, cycle } of summary.violations) {
  const way = cycle?.length
    ? [from, ...cycle.map((step) => step.name)].join(" → ")
    : `${from} → ${to}`;
  process.stderr.write(`${rule.severity} ${rule.name}: ${way}\n`);
}
if (unread.length > 0) {
  process.stderr.write(
    `dependency-cruiser did not read ${unread.length} modules: ${unread.slice(0, 5).join(", ")}\n`,
  );
}
if (read.size < 20) process.stderr.write(`dependency-cruiser read only ${read.size} modules.\n`);

const failed = summary.violations.length > 0 || unread.length > 0 || read.size < 20;
if (!failed)
  process.stdout.write(
    `${read.size} modules, ${summary.totalDependenciesCruised} dependencies: the direction holds.\n`,
  );
process.exitCode = failed ? 1 : 0;

/** Entry point of `npm run bench`. */
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { chdir } from "node:process";
import { fileURLToPath } from "node:url";
import { figures as measurements } from "./figures/all.ts";
import type { Bench, Measurement } from "./kit/bench.ts";
import { Cleanup } from "./kit/cleanup.ts";
import { startCluster } from "./kit/cluster.ts";
import { describeMachine } from "./kit/machine.ts";
import { copyTree, type Tree } from "./kit/tree.ts";
import { type Options, readOptions, UsageError } from "./options.ts";
import { type BenchDocument, DOCUMENT_VERSION } from "./report/document.ts";
import { type Figure, judge } from "./report/figure.ts";
import { formatTable } from "./report/table.ts";

const OUTPUT = "bench/latest.json";
const WORK = ".idem/bench";
/** The benchmark promises to end within ten minutes; stopping everything takes a part of that. */
const TIME_LIMIT_MS = 570_000;

const project = dirname(dirname(fileURLToPath(import.meta.url)));
const cleanup = new Cleanup();
const startedAt = new Date();

function say(text: string): void {
  const seconds = ((Date.now() - startedAt.getTime()) / 1000).toFixed(0).padStart(4);
  process.stderr.write(`${seconds} s  ${text}\n`);
}

/** Makes something when it is first asked for, once. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

async function openBench(options: Options): Promise<Bench> {
  const work = join(project, WORK);
  await mkdir(work, { recursive: true });
  const cluster = await startCluster(work, cleanup);
  const tree = once(async (): Promise<Tree> => {
    say("Copying the project");
    const path = join(work, "tree");
    cleanup.add(() => rm(path, { recursive: true, force: true }));
    return copyTree(project, path);
  });
  return {
    cluster,
    cleanup,
    work,
    tree,
    programs: once(async () => (await tree()).bundle()),
    wfinstances: options.wfinstances === null ? null : resolve(options.wfinstances),
    quick: options.quick,
    profile: options.profile === null ? null : resolve(options.profile),
    say,
  };
}

interface Outcome {
  figures: Figure[];
  failures: { name: string; message: string }[];
}

async function measureAll(bench: Bench, chosen: readonly Measurement[]): Promise<Outcome> {
  const outcome: Outcome = { figures: [], failures: [] };
  for (const { name, measure } of chosen) {
    say(name);
    try {
      const figures = (await inTime(() => measure(bench))).map(judge);
      outcome.figures.push(...figures);
      for (const line of formatTable(figures).slice(1)) say(`  ${line}`);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      say(`  not measured: ${message}`);
      outcome.failures.push({ name, message });
    }
  }
  return outcome;
}

/** Rejects when the whole benchmark has used its time up. What was begun is stopped at the end. */
async function inTime<T>(begin: () => Promise<T>): Promise<T> {
  const left = TIME_LIMIT_MS - (Date.now() - startedAt.getTime());
  if (left <= 0) throw new Error("no time is left");
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the ten minutes are over")), left);
  });
  try {
    return await Promise.race([begin(), late]);
  } finally {
    clearTimeout(timer);
  }
}

function chooseFrom(options: Options): {
  chosen: Measurement[];
  leftOut: { name: string; reason: string }[];
} {
  const leftOut: { name: string; reason: string }[] = [];
  const chosen = measurements.filter((measurement) => {
    const { name } = measurement;
    if (options.only !== null && !options.only.has(name)) {
      leftOut.push({ name, reason: "not asked for" });
      return false;
    }
    if (measurement.onlyWhenNamed === true && options.only === null) {
      leftOut.push({ name, reason: `takes minutes: --only ${name}` });
      return false;
    }
    if (measurement.needsInstances === true && options.wfinstances === null) {
      leftOut.push({ name, reason: "give --wfinstances <folder>" });
      return false;
    }
    return true;
  });
  return { chosen, leftOut };
}

async function writeDocument(document: BenchDocument): Promise<void> {
  const path = join(project, OUTPUT);
  await writeFile(`${path}.new`, `${JSON.stringify(document, null, 2)}\n`);
  await rename(`${path}.new`, path);
}

function summarise(document: BenchDocument): void {
  const { figures, failures, leftOut, machine, postgres } = document;
  const met = figures.filter((figure) => figure.pass === true).length;
  const missed = figures.filter((figure) => figure.pass === false).length;
  const lines = [
    "",
    ...formatTable(figures),
    "",
    `${machine.cores} cores (${machine.processor}), ${machine.fileSystem}, Node ${machine.node}, ` +
      `PostgreSQL ${postgres.version} with fsync ${postgres.settings.fsync} and ` +
      `synchronous_commit ${postgres.settings.synchronous_commit}`,
    ...failures.map(({ name, message }) => `not measured: ${name}: ${message.split("\n", 1)[0]}`),
    ...leftOut
      .filter(({ reason }) => reason !== "not asked for")
      .map(({ name, reason }) => `left out: ${name}: ${reason}`),
    `${met} targets met, ${missed} missed, ${failures.length} not measured, ` +
      `${(document.durationMs / 1000).toFixed(0)} s, ${OUTPUT}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

async function main(): Promise<number> {
  chdir(project);
  const names = measurements.map(({ name }) => name);
  const options = readOptions(process.argv.slice(2), names);
  const { chosen, leftOut } = chooseFrom(options);
  const bench = await openBench(options);
  const machine = await describeMachine(bench.cluster.dataDir);
  const { figures, failures } = await measureAll(bench, chosen);
  const document: BenchDocument = {
    version: DOCUMENT_VERSION,
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    quick: options.quick,
    machine,
    postgres: { version: bench.cluster.version, settings: bench.cluster.settings },
    figures,
    failures,
    leftOut,
  };
  await writeDocument(document);
  summarise(document);
  return failures.length === 0 ? 0 : 1;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    say("Stopping");
    void cleanup.run().then(() => process.exit(130));
  });
}
try {
  process.exitCode = await main();
} catch (error) {
  process.exitCode = error instanceof UsageError ? 2 : 1;
  process.stderr.write(
    `${error instanceof UsageError ? error.message : error instanceof Error ? error.stack : error}\n`,
  );
} finally {
  await cleanup.run();
}
// Whatever a figure that ran out of time still waits for must not keep the process alive.
process.exit();

/** What it costs to accept a large definition: read, checked and compiled by the built command. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bench, Measurement } from "../kit/bench.ts";
import { cpuSeconds } from "../kit/cpu-time.ts";
import { plainYaml, richTypescript, richXml, richYaml } from "../kit/definitions.ts";
import { median } from "../kit/stats.ts";
import type { Measured } from "../report/figure.ts";

/** The most that a flow may have. */
const TASKS = 10_000;
const LIMIT_S = 2;

export const definitions: Measurement = { name: "definitions", measure };

const forms = [
  { id: "yaml-plain", name: "YAML, noop tasks", file: "plain.yaml", text: plainYaml },
  { id: "yaml", name: "YAML, rich shell tasks", file: "rich.yaml", text: richYaml },
  { id: "xml", name: "XML, rich shell tasks", file: "rich.xml", text: richXml },
  {
    id: "typescript",
    name: "TypeScript, rich shell tasks",
    file: "rich.flow.ts",
    text: richTypescript,
  },
];

async function measure(bench: Bench): Promise<Measured[]> {
  const command = join(await bench.programs(), "idem.js");
  // In the copied project, where a definition in TypeScript finds the package it imports.
  const folder = join((await bench.tree()).path, "bench-definitions");
  await mkdir(folder);
  bench.cleanup.add(() => rm(folder, { recursive: true, force: true }));
  const tasks = bench.quick ? TASKS / 10 : TASKS;
  const figures: Measured[] = [];
  for (const { id, name, file, text } of forms) {
    const source = text(tasks);
    await writeFile(join(folder, file), source);
    const times: number[] = [];
    for (let repeat = 0; repeat < (bench.quick ? 2 : 5); repeat++) {
      times.push(await cpuSeconds([process.execPath, command, "flow", "validate", file], folder));
    }
    const megabytes = Buffer.byteLength(source) / 1_000_000;
    figures.push({
      id: `definitions.${id}`,
      name: `definition of ${tasks.toLocaleString("en")} tasks accepted: ${name}`,
      unit: "s",
      value: median(times),
      range: [Math.min(...times), Math.max(...times)],
      target: { kind: "value", atMost: LIMIT_S },
      how:
        `processor time of \`idem flow validate\` with its start and its children, ` +
        `${megabytes.toFixed(1)} MB, median of ${times.length}`,
      detail: { megabytes },
    });
  }
  return figures;
}

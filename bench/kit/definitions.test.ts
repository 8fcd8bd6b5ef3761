import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readRegularYaml } from "#server/core/flow/yaml/yaml-regular.ts";
import { shieldTemplates } from "#server/core/flow/yaml/yaml-shield.ts";
import { loadDefinition } from "#server/flow-sources/load.ts";
import { cpuSeconds, readTimes } from "./cpu-time.ts";
import { plainYaml, richTypescript, richXml, richYaml } from "./definitions.ts";

// Inside the project, where a definition in TypeScript finds the package it imports.
const folder = mkdtempSync(join(import.meta.dirname, ".definitions-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("definitions of the benchmark", () => {
  it("say the same in every format", async () => {
    const specs = await Promise.all(
      (
        [
          ["yaml", "rich.yaml", richYaml(30)],
          ["xml", "rich.xml", richXml(30)],
          ["typescript", "rich.flow.ts", richTypescript(30)],
        ] as const
      ).map(async ([format, name, text]) => {
        const path = join(folder, name);
        writeFileSync(path, text);
        const { result } = await loadDefinition(path, format, () => name);
        if (!result.ok) throw new Error(JSON.stringify(result.problems[0]));
        const { bundle: _, ...spec } = result.flow.spec;
        return spec;
      }),
    );
    const [yaml, xml, typescript] = specs;
    expect(Object.keys(yaml?.tasks ?? {})).toHaveLength(30);
    // Indentation and the last line end of a text are a matter of each format.
    const trimmed = (spec: unknown) => JSON.parse(JSON.stringify(spec).replaceAll('\\n"', '"'));
    expect(trimmed(xml)).toEqual(trimmed(yaml));
    expect(trimmed(typescript)).toEqual(trimmed(yaml));
  });

  it.each([plainYaml(30), richYaml(30)])("in YAML are read the short way", (text) => {
    const { text: shielded, restore } = shieldTemplates(text);
    expect(readRegularYaml(shielded, restore)).not.toBeNull();
  });
});

describe("processor time", () => {
  it("adds minutes, seconds, program and system of the children", () => {
    expect(readTimes("0m0.01s 0m0.02s\n1m2.50s 2m0.25s\n")).toBe(182.75);
    expect(() => readTimes("sh: times: not found\n")).toThrow("no times");
  });

  it("counts what a command's own children used, and fails with it", async () => {
    const busy = "while (process.cpuUsage().user < 200_000);";
    const command = ["/bin/sh", "-c", `"$0" -e '${busy}'; true`, process.execPath];
    expect(await cpuSeconds(command, folder)).toBeGreaterThan(0.1);
    await expect(cpuSeconds(["/bin/sh", "-c", "exit 3"], folder)).rejects.toThrow();
  });
});

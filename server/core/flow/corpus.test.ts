import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { taskTypes } from "#server/plugins/task-types.ts";
import { compileDocument } from "./compile.ts";
import { parseXml } from "./xml/xml.ts";
import { parseYaml } from "./yaml/yaml.ts";

/** Bad definitions, and for each one all problems that must be told, with their places. */
const folder = join(import.meta.dirname, "corpus");
const [, ...rows] = readFileSync(join(folder, "expected.tsv"), "utf8").trimEnd().split("\n");
const table = rows.map((row) => {
  const [file = "", problems = "", why = ""] = row.split("\t");
  return { file, problems, why };
});

const parsers = { xml: parseXml, yaml: parseYaml };

describe("corpus of bad definitions", () => {
  it("has a row for every file", () => {
    const files = Object.keys(parsers).flatMap((format) =>
      readdirSync(join(folder, format)).map((name) => `${format}/${name}`),
    );
    expect(files.sort()).toEqual(table.map(({ file }) => file).sort());
    expect(files.length).toBeGreaterThanOrEqual(80);
  });

  it.each(table)("$file: $why", ({ file, problems }) => {
    const text = readFileSync(join(folder, file), "utf8");
    const format = file.startsWith("xml/") ? "xml" : "yaml";
    const result = compileDocument(parsers[format](text, file), { types: taskTypes });
    const found = result.ok ? [] : result.problems;
    const told = found.map(({ code, position }) => `${code} ${position.line}:${position.column}`);
    expect(told.join(", ")).toBe(problems);
    for (const { message, fix, position } of found) {
      expect(position.file).toBe(file);
      // One sentence each, for one line of a terminal.
      expect(message).toMatch(/^\S[^\n]*\.$/);
      expect(fix).toMatch(/^\S[^\n]*[.?]$/);
      expect(message.length).toBeLessThan(300);
    }
  });
});

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { nameBelow } from "./bundle.ts";
import { loadDefinition } from "./load.ts";
import { createTestFolder } from "./testing/folder-kit.ts";

/** Bad definitions in TypeScript, and for each one all problems that must be told, with their places. */
const folder = join(import.meta.dirname, "corpus");
const [, ...rows] = readFileSync(join(folder, "expected.tsv"), "utf8").trimEnd().split("\n");
const table = rows.map((row) => {
  const [file = "", problems = "", why = ""] = row.split("\t");
  return { file, problems, why };
});

describe("corpus of bad definitions in TypeScript", { timeout: 60_000 }, () => {
  it("has a row for every file", () => {
    const files = readdirSync(folder).filter((name) => name.endsWith(".flow.ts"));
    expect(files.sort()).toEqual(table.map(({ file }) => file).sort());
  });

  it.concurrent.each(table)("$file: $why", async ({ file, problems }) => {
    const { result } = await loadDefinition(join(folder, file), "typescript", nameBelow(folder));
    const found = result.ok ? [] : result.problems;
    const told = found.map(({ code, position }) => {
      const elsewhere = position.file === file ? "" : `${position.file}:`;
      return `${code} ${elsewhere}${position.line}:${position.column}`;
    });
    expect(told.join(", ")).toBe(problems);
    for (const { message, fix } of found) {
      // One sentence each, for one line of a terminal.
      expect(message).toMatch(/^\S[^\n]*\.$/);
      expect(fix).toMatch(/^\S[^\n]*[.?]$/);
      expect(message.length).toBeLessThan(300);
    }
  });

  it("takes 10,000 tasks, one fewer than it refuses", async () => {
    const limit = "number <= 10_000";
    const source = readFileSync(join(folder, "too-many-tasks.flow.ts"), "utf8");
    expect(source).toContain(limit);
    const place = createTestFolder();
    place.put("many.flow.ts", source.replace(limit, "number < 10_000"));
    const path = join(place.path, "many.flow.ts");
    const { result } = await loadDefinition(path, "typescript", nameBelow(place.path));
    place.close();
    expect(result.ok && result.flow.graph.taskIds.length).toBe(10_000);
  });
});

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FlowFolder, isMeantAsFlow } from "./folder.ts";
import {
  createTestFolder,
  type TestFolder,
  typescriptFlow,
  yamlFlow,
} from "./testing/folder-kit.ts";

let folder: TestFolder;
let flows: FlowFolder;
beforeEach(() => {
  folder = createTestFolder();
  flows = new FlowFolder(folder.path);
});
afterEach(() => folder.close());

/** What a look finds: ids or problem codes by path, and whether anything changed. */
async function look() {
  const { definitions, changed } = await flows.look();
  const found: Record<string, string> = {};
  for (const [path, loaded] of definitions) {
    if (!isMeantAsFlow(path, loaded)) continue;
    const { result } = loaded;
    found[path] = result.ok ? result.flow.spec.id : result.problems.map((p) => p.code).join(", ");
  }
  return { found, changed };
}

describe("FlowFolder", () => {
  it("finds definitions of every format in folders of any depth", async () => {
    folder.put("a.yaml", yamlFlow("a"));
    folder.put("deep/er/b.yml", yamlFlow("b"));
    folder.put("c.xml", '<flow id="c"><task id="only" type="noop"/></flow>');
    folder.put("d.flow.ts", typescriptFlow("d", "1"));
    folder.put("helper.ts", "export const x = 1;");
    folder.put("node_modules/p/e.yaml", yamlFlow("e"));
    folder.put(".hidden/f.yaml", yamlFlow("f"));
    expect(await look()).toEqual({
      found: { "a.yaml": "a", "c.xml": "c", "d.flow.ts": "d", "deep/er/b.yml": "b" },
      changed: true,
    });
    expect((await look()).changed).toBe(false);
  });

  it.each([
    { path: "data.yaml", text: "rows: [1, 2]", isFlow: false, why: "neither id nor tasks" },
    { path: "list.yml", text: "- 1\n- 2", isFlow: false, why: "a list" },
    { path: "feed.xml", text: "<feed/>", isFlow: false, why: "another outermost element" },
    { path: "data.flow.yaml", text: "rows: [1]", isFlow: true, why: "its name says so" },
    { path: "typo.yaml", text: "id: [", isFlow: true, why: "nobody can tell" },
    { path: "typo.xml", text: "<flow>", isFlow: true, why: "it begins like one" },
    { path: "half.yaml", text: "tasks: {}", isFlow: true, why: "it has tasks" },
    { path: "any.flow.ts", text: "export default 1;", isFlow: true, why: "its name says so" },
  ])("$path is a flow: $isFlow ($why)", async ({ path, text, isFlow }) => {
    folder.put(path, text);
    expect(Object.keys((await look()).found)).toEqual(isFlow ? [path] : []);
  });

  it("notices what is added, changed and removed", async () => {
    folder.put("a.yaml", yamlFlow("a"));
    await look();
    folder.put("b.yaml", yamlFlow("b"));
    expect(await look()).toEqual({ found: { "a.yaml": "a", "b.yaml": "b" }, changed: true });
    folder.put("a.yaml", yamlFlow("other"));
    expect(await look()).toEqual({ found: { "a.yaml": "other", "b.yaml": "b" }, changed: true });
    folder.remove("b.yaml");
    expect(await look()).toEqual({ found: { "a.yaml": "other" }, changed: true });
    expect((await look()).changed).toBe(false);
  });

  it("notices changes of the files and modules that a definition uses", async () => {
    folder.put("y/a.yaml", yamlFlow("a", "files: ['*.csv']\n"));
    folder.put("y/one.csv", "1");
    folder.put("t/b.flow.ts", typescriptFlow("b", "v", `import { v } from "./value.ts";`));
    folder.put("t/value.ts", "export const v = 1;");
    const hashes = async () => {
      const { definitions } = await flows.look();
      return [...definitions.values()].map(({ result }) => result.ok && result.flow.hash);
    };
    const [b, a] = await hashes();
    expect(await hashes()).toEqual([b, a]);

    folder.put("y/two.csv", "2");
    const [, added] = await hashes();
    expect(added).not.toBe(a);
    folder.put("y/two.csv", "3");
    const [sameB, changed] = await hashes();
    expect(sameB).toBe(b);
    expect(changed).not.toBe(added);
    folder.put("t/value.ts", "export const v = 2;");
    const [changedB, sameA] = await hashes();
    expect(changedB).not.toBe(b);
    expect(sameA).toBe(changed);
    folder.remove("y/two.csv");
    expect(await hashes()).toEqual([changedB, a]);
  });

  it("notices when what was missing turns up", async () => {
    folder.put("a.yaml", yamlFlow("a", "files: [late.csv]\n"));
    folder.put("b.flow.ts", typescriptFlow("b", "v", `import { v } from "./late.ts";`));
    expect((await look()).found).toEqual({
      "a.yaml": "FILE_NOT_FOUND",
      "b.flow.ts": "BUNDLE_FAILED",
    });
    folder.put("late.csv", "");
    folder.put("late.ts", "export const v = 1;");
    expect(await look()).toEqual({ found: { "a.yaml": "a", "b.flow.ts": "b" }, changed: true });
  });

  it("waits until nobody writes any more", async () => {
    folder.put("a.yaml", yamlFlow("a"));
    await look();
    folder.put("a.yaml", "id: half-");
    const looking = look();
    setTimeout(() => folder.put("a.yaml", yamlFlow("whole")), 50);
    expect((await looking).found).toEqual({ "a.yaml": "whole" });
  });

  it("tells what no text can be read from", async () => {
    folder.put("binary.yaml", "id: \0");
    writeFileSync(join(folder.path, "latin.yaml"), Buffer.from("name: Z\u00fcrich", "latin1"));
    folder.put("huge.yaml", `# ${"x".repeat(5 * 1024 * 1024)}`);
    expect((await look()).found).toEqual({
      "binary.yaml": "SYNTAX",
      "huge.yaml": "TOO_LARGE",
      "latin.yaml": "SYNTAX",
    });
  });

  it("fails when the folder itself is gone", async () => {
    folder.put("a.yaml", yamlFlow("a"));
    await look();
    folder.close();
    await expect(look()).rejects.toThrow("ENOENT");
  });
});

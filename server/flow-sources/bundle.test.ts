import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadBundle } from "#sdk/protocol.ts";
import { bundleFlow } from "./bundle.ts";
import { createTestFolder, type TestFolder, typescriptFlow } from "./testing/folder-kit.ts";

let folder: TestFolder;
beforeEach(() => {
  folder = createTestFolder();
});
afterEach(() => folder.close());

async function bundle(path: string, text: string): Promise<string> {
  folder.put(path, text);
  const result = await bundleFlow(join(folder.path, path), text, (file) => file);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return Buffer.from(result.code).toString();
}

describe("bundleFlow", () => {
  it("gives the same bytes wherever the sources lie, whatever the file is called", async () => {
    const text = typescriptFlow("a", "value", `import { value } from "./lib/value.ts";`);
    folder.put("one/lib/value.ts", "export const value = 1;");
    folder.put("two/deeper/lib/value.ts", "export const value = 1;");
    const first = await bundle("one/a.flow.ts", text);
    expect(await bundle("two/deeper/b.flow.ts", text)).toBe(first);
    expect(first).not.toContain(folder.path);
    expect(first).not.toContain(process.cwd());
  });

  it("does not change with comments, layout or the tsconfig around", async () => {
    const first = await bundle("a.flow.ts", typescriptFlow("a", "1"));
    folder.put(
      "tsconfig.json",
      '{ "compilerOptions": { "target": "es5", "paths": { "*": ["x"] } } }',
    );
    expect(await bundle("a.flow.ts", `// news\n\n${typescriptFlow("a", "1")}`)).toBe(first);
    expect(await bundle("a.flow.ts", typescriptFlow("a", "2"))).not.toBe(first);
  });

  it("takes packages along, those in CommonJS as well", async () => {
    folder.put("node_modules/five/package.json", '{ "name": "five", "main": "index.cjs" }');
    folder.put(
      "node_modules/five/index.cjs",
      `const { isAbsolute } = require("node:path"); module.exports = () => isAbsolute("/") ? 5 : 0;`,
    );
    const code = await bundle(
      "a.flow.ts",
      typescriptFlow("a", "five()", `import five from "five";`),
    );
    folder.remove("node_modules");
    folder.put("bundle.mjs", code);
    const handlers = await loadBundle(join(folder.path, "bundle.mjs"));
    expect(handlers.get("only")?.({} as never)).toBe(5);
  });

  it("knows where things in it come from", async () => {
    const text = typescriptFlow("a", "1", "\n\nfunction place() {}\nplace();");
    folder.put("a.flow.ts", text);
    const path = join(folder.path, "a.flow.ts");
    const result = await bundleFlow(path, text, () => "a.flow.ts");
    if (!result.ok) throw new Error("not bundled");
    const lines = Buffer.from(result.code).toString().split("\n");
    const line = lines.indexOf("place();") + 1;
    expect(result.origin({ line, column: 1 })).toEqual({ file: "a.flow.ts", line: 5, column: 1 });
    expect(result.origin({ line: 2, column: 1 })).toBeNull();
  });
});

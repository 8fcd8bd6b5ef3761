import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder on disk for one test. */
export interface TestFolder {
  /** Absolute. */
  path: string;
  /** Writes a file and the folders above it. */
  put(path: string, content: string): void;
  remove(path: string): void;
  /** Removes the folder itself. */
  close(): void;
}

export function createTestFolder(): TestFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "idem-folder-")));
  return {
    path,
    put(file, content) {
      mkdirSync(dirname(join(path, file)), { recursive: true });
      writeFileSync(join(path, file), content);
    },
    remove: (file) => rmSync(join(path, file), { recursive: true }),
    close: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** A sound definition in YAML. */
export function yamlFlow(id: string, more = ""): string {
  return `id: ${id}\n${more}tasks:\n  only: { type: noop }\n`;
}

/** A sound definition in TypeScript. @param value what its one task returns, as source text */
export function typescriptFlow(id: string, value: string, head = ""): string {
  return [
    `import { flow } from "idem";`,
    head,
    `export default flow({ id: "${id}", tasks: { only: { run: () => ${value} } } });`,
    "",
  ].join("\n");
}

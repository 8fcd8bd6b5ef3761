import { watch } from "node:fs";

/** Editors write a file in several steps, and a change of branch touches hundreds of files. */
const QUIET_MS = 200;

/** Calls `onChange` after TypeScript files below `folders` changed. For development. */
export function watchSources(folders: readonly string[], onChange: () => void): void {
  let timer: NodeJS.Timeout | null = null;
  for (const folder of folders) {
    watch(folder, { recursive: true }, (_event, file) => {
      if (!file?.endsWith(".ts") || file.endsWith(".test.ts") || file.includes("generated")) return;
      if (timer) clearTimeout(timer);
      timer = setTimeout(onChange, QUIET_MS);
    });
  }
}

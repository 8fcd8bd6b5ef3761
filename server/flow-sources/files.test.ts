import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MAX_FILE_BYTES, MAX_FILES, matchFiles } from "./files.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "idem-files-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function put(path: string, content = path): void {
  mkdirSync(dirname(join(folder, "flows", path)), { recursive: true });
  writeFileSync(join(folder, "flows", path), content);
}

async function match(...patterns: string[]) {
  const matches = await matchFiles(join(folder, "flows"), patterns, "a.yaml");
  return patterns.map((pattern) => {
    const found = matches.get(pattern);
    if (found === undefined) return null;
    return found.ok ? found.files.map((file) => file.path) : found.code;
  });
}

describe("matchFiles", () => {
  it("reads what patterns match, sorted, without the definition itself and node_modules", async () => {
    for (const path of ["b.csv", "a.csv", "a.yaml", "s/x.py", "s/t/y.py", "node_modules/z.py"]) {
      put(path);
    }
    expect(await match("*.csv", "*", "**/*.py", "s/x.py")).toEqual([
      ["a.csv", "b.csv"],
      ["a.csv", "b.csv"],
      ["s/t/y.py", "s/x.py"],
      ["s/x.py"],
    ]);
  });

  it("keeps content and the executable bit", async () => {
    put("run.sh", "echo\0\xff");
    put("data.txt");
    chmodSync(join(folder, "flows/run.sh"), 0o755);
    const found = (await matchFiles(join(folder, "flows"), ["*"], "")).get("*");
    expect(found).toMatchObject({
      ok: true,
      files: [
        { path: "data.txt", executable: false },
        { path: "run.sh", executable: true, bytes: Buffer.from("echo\0\xff") },
      ],
    });
  });

  it("says which pattern matches nothing", async () => {
    put("here.txt");
    expect(await match("here.txt", "gone.txt", "gone/*")).toEqual([
      ["here.txt"],
      "FILE_NOT_FOUND",
      "FILE_NOT_FOUND",
    ]);
  });

  it("follows links within the folder and refuses those that lead out of it", async () => {
    put("real.txt");
    writeFileSync(join(folder, "secret.txt"), "secret");
    symlinkSync("real.txt", join(folder, "flows/inner.txt"));
    symlinkSync("../secret.txt", join(folder, "flows/outer.txt"));
    symlinkSync("..", join(folder, "flows/up"));
    symlinkSync(".", join(folder, "flows/circle"));
    expect(await match("inner.txt", "outer.txt", "up/secret.txt", "circle/real.txt")).toEqual([
      ["inner.txt"],
      "FILE_OUTSIDE",
      "FILE_NOT_FOUND",
      "FILE_NOT_FOUND",
    ]);
  });

  it("does not wait for a named pipe and does not take a folder for a file", async () => {
    put("sub/file.txt");
    execFileSync("mkfifo", [join(folder, "flows/pipe")]);
    expect(await match("pipe", "sub")).toEqual(["FILE_NOT_FOUND", "FILE_NOT_FOUND"]);
  });

  it("limits the number and the size of files over all patterns together", async () => {
    put("big/one.bin", "x".repeat(MAX_FILE_BYTES / 2));
    put("big/two.bin", "x".repeat(MAX_FILE_BYTES / 2 + 1));
    expect(await match("big/one.bin", "big/two.bin")).toEqual([["big/one.bin"], "TOO_LARGE"]);
    expect(await match("big/one.bin", "big/o*")).toEqual([["big/one.bin"], ["big/one.bin"]]);
    for (let i = 0; i <= MAX_FILES; i += 1) put(`many/${i}`);
    expect(await match("many/*")).toEqual(["TOO_LARGE"]);
  });
});

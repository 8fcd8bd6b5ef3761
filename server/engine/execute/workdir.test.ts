import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { RevisionFileRow } from "../../db/flow/blobs.ts";
import { type Workdir, Workdirs } from "./workdir.ts";

let parent: string;
let workdirs: Workdirs;

const file = (path: string, executable = false): RevisionFileRow => ({
  path,
  sha256: path,
  executable,
});

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "idem-workdir-"));
  workdirs = new Workdirs(parent, { read: async (sha256) => Buffer.from(`content of ${sha256}`) });
});
afterEach(() => rm(parent, { recursive: true, force: true, maxRetries: 5 }));

it("puts the files of the revision into it, executable ones as such", async () => {
  const made = await workdirs.make([file("a.txt"), file("bin/run.sh", true)]);
  expect(await readFile(join(made.work, "a.txt"), "utf8")).toBe("content of a.txt");
  expect((await stat(join(made.work, "a.txt"))).mode & 0o777).toBe(0o644);
  expect((await stat(join(made.work, "bin/run.sh"))).mode & 0o777).toBe(0o755);
  expect(await readdir(made.temporary)).toEqual([]);
});

it("leaves nothing of a folder that could not be filled", async () => {
  const full = new Workdirs(parent, {
    read: async (sha256) => {
      if (sha256 === "second.txt") throw Object.assign(new Error("no room"), { code: "ENOSPC" });
      return Buffer.from("content");
    },
  });
  for (let n = 0; n < 3; n += 1) {
    const making = full.make([file("first.txt"), file("second.txt")]);
    await expect(making).rejects.toThrow("no room");
  }
  await full.make([]);
  // The one that was made, and one in reserve.
  await expect.poll(async () => (await readdir(parent)).length).toBe(2);
});

it("gives each attempt a folder of its own, also to many that ask at once", async () => {
  const first = await workdirs.make([]);
  const more = await Promise.all(Array.from({ length: 5 }, () => workdirs.make([])));
  expect(new Set([first, ...more].map(({ work }) => work)).size).toBe(6);
});

it("removes empty folders and full ones, and does not mind those that are gone", async () => {
  const [empty, full, gone] = [
    await workdirs.make([]),
    await workdirs.make([file("deep/down.txt")]),
    await workdirs.make([]),
  ];
  await writeFile(full.outputFile, "1");
  await rm(gone.work, { recursive: true });
  for (const workdir of [empty, full, gone]) {
    await workdir.remove();
    await expect(stat(join(workdir.work, ".."))).rejects.toThrow(/ENOENT/);
  }
});

it("knows whether it was touched", async () => {
  const touch: Record<string, (at: Workdir) => Promise<void>> = {
    "a file in it": ({ work }) => writeFile(join(work, "a"), ""),
    "a temporary file": ({ temporary }) => writeFile(join(temporary, "a"), ""),
    "an output file": ({ outputFile }) => writeFile(outputFile, "1"),
    "a private file": (at) => writeFile(at.privatePath("script"), ""),
    "another mode": ({ temporary }) => chmod(temporary, 0o700),
    "a folder gone": ({ work }) => rm(work, { recursive: true }),
  };
  for (const [what, how] of Object.entries(touch)) {
    const workdir = await workdirs.make([]);
    expect(workdir.isUntouched(), what).toBe(true);
    await how(workdir);
    expect(workdir.isUntouched(), what).toBe(false);
  }
});

it.each(["../outside.txt", "a/../../outside.txt", "", "nul\0"])(
  "refuses the stored path %j",
  async (path) => {
    await expect(workdirs.make([file(path)])).rejects.toThrow(/outside the working folder/);
  },
);

it("goes on when a folder could not be made in advance", async () => {
  await workdirs.make([]);
  await rm(parent, { recursive: true, force: true, maxRetries: 5 });
  await writeFile(parent, "a file where the folder should be");
  await workdirs.make([]).catch(() => {});
  await expect(workdirs.make([])).rejects.toThrow(/ENOTDIR|EEXIST/);
  await rm(parent);
  expect(await readdir((await workdirs.make([])).work)).toEqual([]);
});

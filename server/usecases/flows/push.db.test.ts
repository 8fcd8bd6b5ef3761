import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { operator } from "#server/auth/actor.ts";
import { AppError } from "#server/core/errors.ts";
import { type CompileLimits, compileInThread } from "#server/flow-sources/compile-in-thread.ts";
import { formatOf, loadDefinition } from "#server/flow-sources/load.ts";
import {
  createTestFolder,
  type TestFolder,
  typescriptFlow,
  yamlFlow,
} from "#server/flow-sources/testing/folder-kit.ts";
import { checkHealth } from "#server/usecases/health.ts";
import { sharedDatabase } from "../../../test/shared-database.ts";
import { type DefinitionInput, definitionInput, wfcommonsInput } from "./inputs.ts";
import { importWfcommons, pushFlow, validateFlow } from "./push.ts";

const database = sharedDatabase();
const { deps } = database;

let folder: TestFolder;

beforeEach(() => {
  folder = createTestFolder();
});
afterEach(() => folder.close());

/** What the idem command sends for a file of the test folder. */
async function packed(path: string): Promise<DefinitionInput> {
  const format = formatOf(path);
  if (format === null) throw new Error(`${path} is no definition`);
  const loaded = await loadDefinition(join(folder.path, path), format, () => path);
  const files = [...loaded.files.values()].flatMap((match) => (match.ok ? match.files : []));
  return definitionInput.parse({
    format,
    path,
    text: loaded.text,
    files: files.map(({ bytes, ...file }) => ({
      ...file,
      base64: Buffer.from(bytes).toString("base64"),
    })),
    ...(loaded.bundled === null
      ? {}
      : {
          bundle: Buffer.from(loaded.bundled.code).toString("base64"),
          definition: loaded.bundled.definition,
        }),
  });
}

async function refusal(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof AppError)) throw new Error(`Not refused: ${error}`);
  return error;
}

const codes = (error: AppError) =>
  error.problems.map(({ code, position }) => `${code} ${position.line}:${position.column}`);

async function storedIds(): Promise<string[]> {
  const { rows } = await database.pool.query<{ id: string }>("select id from flow order by id");
  return rows.map((row) => row.id);
}

describe("pushFlow", () => {
  it("stores a definition with its files, and the same again as the same revision", async () => {
    folder.put("a.yaml", yamlFlow("with-files", "files: ['*.sh']\n"));
    folder.put("run.sh", "echo");
    const input = await packed("a.yaml");
    const first = await pushFlow(deps, operator, input);
    expect(first).toMatchObject({ id: "with-files", revision: 1, created: true, origin: "push" });
    expect(await pushFlow(deps, operator, input)).toEqual({ ...first, created: false });
    expect(await validateFlow(deps, operator, input)).toEqual({
      id: "with-files",
      hash: first.hash,
      tasks: 1,
      warnings: [],
    });
  });

  it("gives the hash that the same file gives on disk", async () => {
    folder.put("a.flow.ts", typescriptFlow("same-hash", "1"));
    const path = join(folder.path, "a.flow.ts");
    const { result } = await loadDefinition(path, "typescript", () => "a.flow.ts");
    const pushed = await pushFlow(deps, operator, await packed("a.flow.ts"));
    expect(result.ok && result.flow.hash).toBe(pushed.hash);
  });

  it("refuses a definition that its bundle does not give", async () => {
    folder.put("a.flow.ts", typescriptFlow("honest", "1"));
    const input = await packed("a.flow.ts");
    const definition = { id: "forged", tasks: { only: { type: "noop" } } };
    const forged = await refusal(pushFlow(deps, operator, { ...input, definition }));
    expect(forged.code).toBe("INVALID_DEFINITION");
    expect(codes(forged)).toEqual(["BUNDLE_FAILED 1:1"]);
    expect(await storedIds()).not.toContain("forged");
    expect(await storedIds()).not.toContain("honest");
  });

  it("refuses a definition that is another one each time", async () => {
    folder.put(
      "a.flow.ts",
      typescriptFlow("by-chance", "1").replace("{ id", "{ name: String(Math.random()), id"),
    );
    const error = await refusal(pushFlow(deps, operator, await packed("a.flow.ts")));
    expect(error.problems[0]?.message).toContain("another definition here");
  });

  it("refuses a bundle that ends its process, and goes on", async () => {
    folder.put("a.flow.ts", typescriptFlow("hostile", "1"));
    const input = await packed("a.flow.ts");
    const bundle = Buffer.from("process.exit(0);").toString("base64");
    expect(codes(await refusal(pushFlow(deps, operator, { ...input, bundle })))).toEqual([
      "BUNDLE_FAILED 1:1",
    ]);
    expect(await pushFlow(deps, operator, input)).toMatchObject({ id: "hostile" });
  });

  it("asks for the bundle of a TypeScript flow", async () => {
    folder.put("a.flow.ts", typescriptFlow("bare", "1"));
    const { bundle: _, ...bare } = await packed("a.flow.ts");
    expect((await refusal(pushFlow(deps, operator, bare))).code).toBe("INVALID_INPUT");
  });

  it("tells all problems with their places and stores nothing", async () => {
    const text = "id: all-wrong\ntimeout: 5m\ntasks:\n  a: { type: shel, run: x }\n";
    const input = definitionInput.parse({ format: "yaml", path: "dir/a.yaml", text });
    for (const use of [validateFlow, pushFlow]) {
      const error = await refusal(use(deps, operator, input));
      expect(error.code).toBe("INVALID_DEFINITION");
      expect(codes(error)).toEqual(["UNKNOWN_KEY 2:1", "UNKNOWN_TASK_TYPE 4:14"]);
      expect(error.problems[0]?.position.file).toBe("dir/a.yaml");
    }
    expect(await storedIds()).not.toContain("all-wrong");
  });

  it("does not reach for files that were not sent along", async () => {
    folder.put("a.yaml", yamlFlow("reaching", "files: [package.json, ../../etc/passwd]\n"));
    const input = { ...(await packed("a.yaml")), files: [] };
    expect(codes(await refusal(pushFlow(deps, operator, input)))).toEqual([
      "FILE_NOT_FOUND 2:9",
      "FILE_OUTSIDE 2:23",
    ]);
  });

  it("is refused to those who may only read", async () => {
    const reader = { ...operator, permissions: new Set(["flow:read"] as const) };
    const input = definitionInput.parse({
      format: "yaml",
      path: "a.yaml",
      text: yamlFlow("secret"),
    });
    for (const use of [validateFlow, pushFlow]) {
      expect((await refusal(use(deps, reader, input))).code).toBe("FORBIDDEN");
    }
    expect(await storedIds()).not.toContain("secret");
  });

  it.each(["/etc/x", "a/../b", "..", "a//b", "a\\b", "./a", "a\nb", "a\0b"])(
    "refuses a file called %j",
    (path) => {
      const file = { path, base64: "", executable: false };
      const input = { format: "yaml", path: "a.yaml", text: "", files: [file] };
      expect(definitionInput.safeParse(input).success).toBe(false);
    },
  );
});

describe("a large definition", () => {
  const large = (tasks: number) =>
    definitionInput.parse({
      format: "yaml",
      path: "large.yaml",
      text: [
        "id: large\ntasks:",
        ...Array.from({ length: tasks }, (_, n) => [
          `  t${n}:\n    type: shell\n    run: echo {{ interval.start | date: "%F" }} ${n}`,
          ...(n === 0 ? [] : [`    needs: [t${n - 1}]`]),
        ]).flat(),
      ].join("\n"),
    });

  it("of 10,000 tasks is compiled while health is answered as before", async () => {
    await validateFlow(deps, operator, large(1));
    const began = performance.now();
    const reading = validateFlow(deps, operator, large(10_000));
    let done = false;
    let longest = 0;
    const watch = async () => {
      while (!done) {
        const asked = performance.now();
        await checkHealth(deps);
        longest = Math.max(longest, performance.now() - asked);
      }
    };
    const watching = watch();
    expect((await reading).tasks).toBe(10_000);
    const took = performance.now() - began;
    done = true;
    await watching;
    // Were it compiled in this thread, one answer would take nearly all of the time.
    expect(longest).toBeLessThan(took / 2);
  });

  it("is refused when it takes too long or too much memory, and the next one is not", async () => {
    const { text } = large(10_000);
    const job = { kind: "declared", format: "yaml", file: "large.yaml", text, files: [] } as const;
    const refused = async (limits: CompileLimits) => {
      const result = await compileInThread(job, limits);
      return result.ok ? [] : result.problems.map(({ code, message }) => `${code} ${message}`);
    };
    expect(await refused({ timeoutMs: 1, memoryMb: 1_024 })).toEqual([
      "TOO_LARGE Compiling the definition takes longer than 0.001 s.",
    ]);
    // The thread is gone, so that the next one starts with another limit.
    expect(await refused({ timeoutMs: 30_000, memoryMb: 24 })).toEqual([
      "TOO_LARGE Compiling the definition needs more than 24 MB of memory.",
    ]);
    expect(await validateFlow(deps, operator, large(1))).toMatchObject({ id: "large", tasks: 1 });
  });
});

describe("importWfcommons", () => {
  const text = readFileSync(
    new URL("../../core/flow/testing/forkjoin.wfcommons.json", import.meta.url),
    "utf8",
  );
  const recording = (name: string, over: { text?: string; scale?: number } = {}) =>
    importWfcommons(deps, operator, wfcommonsInput.parse({ name, text, ...over }));

  it("stores a recorded workflow as waits of its runtimes times the scale", async () => {
    expect(await recording("fork join.json", { scale: 0.01 })).toMatchObject({
      id: "fork-join",
      revision: 1,
      tasks: 5,
      origin: "import",
    });
    const { rows } = await database.pool.query<{ with: unknown }>(
      `select r.spec->'tasks'->'count.A'->'with' as with from revision r where flow_id = 'fork-join'`,
    );
    expect(rows).toEqual([{ with: { duration: 80 } }]);
  });

  it("tells what is wrong with a recording", async () => {
    const circle = text.replace('"parents": []', '"parents": ["sum"]');
    const error = await refusal(recording("circle.json", { text: circle }));
    expect(error.problems.map((problem) => problem.code)).toEqual(["CYCLE"]);
    expect(await storedIds()).not.toContain("circle");
  });
});

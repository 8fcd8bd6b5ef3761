import { describe, expect, it } from "vitest";
import { taskTypes } from "#server/plugins/task-types.ts";
import { formatProblem } from "../errors.ts";
import { canonicalJson, sha256Hex } from "./canonical.ts";
import { type CompileOptions, compileDocument, type FileMatches, filePatterns } from "./compile.ts";
import { MAX_PROBLEMS } from "./read/problem-list.ts";
import type { CompiledFlow } from "./spec.ts";
import { parseXml } from "./xml/xml.ts";
import { parseYaml } from "./yaml/yaml.ts";

function compiled(text: string, options: Partial<CompileOptions> = {}): CompiledFlow {
  const result = compileDocument(parseYaml(text, "a.yaml"), { types: taskTypes, ...options });
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join("\n"));
  return result.flow;
}

function problemsOf(text: string, options: Partial<CompileOptions> = {}): string[] {
  const result = compileDocument(parseYaml(text, "a.yaml"), { types: taskTypes, ...options });
  return result.ok ? [] : result.problems.map(formatProblem);
}

describe("compileDocument", () => {
  it("fills in what the author left out, once, in the spec", () => {
    const flow = compiled("id: a\ntasks:\n  x: { type: noop }\n");
    expect(flow.spec).toEqual({
      specVersion: 1,
      id: "a",
      tags: [],
      params: {},
      schedules: [],
      notify: [],
      files: [],
      tasks: {
        x: {
          type: "noop",
          needs: [],
          env: {},
          retry: { attempts: 1, delayMs: 10_000, factor: 2, capMs: 600_000 },
          pool: "default",
          writes: { mode: "none" },
          with: {},
        },
      },
    });
    expect(flow.canonical).toBe(canonicalJson(flow.spec));
    expect(flow.hash).toBe(sha256Hex(flow.canonical));
    expect(flow.graph).toEqual({ taskIds: ["x"], parents: [[]], children: [[]] });
    expect(flow.blobs).toEqual([]);
  });

  it("merges defaults key by key, and the task wins", () => {
    const { spec } = compiled(`
id: a
defaults: { timeout: 1m, pool: net, retry: { attempts: 3, delay: 1s }, env: { A: 1, B: 2 } }
tasks:
  plain: { type: noop }
  own: { type: noop, timeout: 2m, pool: cpu, retry: { attempts: 5, factor: 3 }, env: { B: 3 } }
`);
    expect(spec.tasks.plain).toMatchObject({
      timeoutMs: 60_000,
      pool: "net",
      retry: { attempts: 3, delayMs: 1_000, factor: 2, capMs: 600_000 },
      env: { A: "1", B: "2" },
    });
    expect(spec.tasks.own).toMatchObject({
      timeoutMs: 120_000,
      pool: "cpu",
      retry: { attempts: 5, delayMs: 1_000, factor: 3, capMs: 600_000 },
      env: { A: "1", B: "3" },
    });
  });

  it("brings rules of a retry into one form, absent where they say nothing", () => {
    const { spec } = compiled(`
id: a
defaults: { retry: { attempts: 3, retry_on: [timed_out], give_up_after: 1h } }
tasks:
  plain: { type: noop }
  own:
    type: noop
    retry:
      retry_on: [http:5xx, timed_out, exit:75, http:429, "exit:70-74", http:500-503]
      give_up_on: exit:2
  every: { type: noop, retry: { retry_on: [timed_out, failed, exit:9] } }
  failures: { type: noop, retry: { retry_on: failed } }
`);
    const base = { attempts: 3, delayMs: 10_000, factor: 2, capMs: 600_000 };
    const giveUpAfterMs = 3_600_000;
    expect(spec.tasks.plain?.retry).toEqual({
      ...base,
      retryOn: { timedOut: true },
      giveUpAfterMs,
    });
    expect(spec.tasks.own?.retry).toEqual({
      ...base,
      retryOn: {
        timedOut: true,
        exit: [[70, 75]],
        http: [
          [429, 429],
          [500, 599],
        ],
      },
      giveUpOn: { exit: [[2, 2]] },
      giveUpAfterMs,
    });
    expect(spec.tasks.every?.retry).toEqual({ ...base, giveUpAfterMs });
    expect(spec.tasks.failures?.retry).toEqual({
      ...base,
      retryOn: { failed: true },
      giveUpAfterMs,
    });
  });

  it("keeps priorities as numbers and labels as they are, and says nothing where the author did not", () => {
    const { spec } = compiled(`
id: a
priority: high
defaults: { runs_on: linux }
tasks:
  plain: { type: noop }
  own: { type: noop, runs_on: gpu, priority: -7 }
`);
    expect(spec.priority).toBe(50);
    expect(spec.tasks.plain).toMatchObject({ runsOn: "linux" });
    expect(spec.tasks.plain).not.toHaveProperty("priority");
    expect(spec.tasks.own).toMatchObject({ runsOn: "gpu", priority: -7 });
  });

  it("raises a cap that the author did not set above a longer delay", () => {
    const { spec } = compiled(
      "id: a\ntasks:\n  x: { type: noop, retry: { attempts: 2, delay: 1h } }\n",
    );
    expect(spec.tasks.x?.retry.capMs).toBe(3_600_000);
  });

  it.each([
    { type: "type: shell, run: x", mode: "none", why: "the author says when it writes" },
    { type: "type: http, url: 'https://x.org'", mode: "none", why: "GET changes nothing" },
    { type: "type: http, url: 'https://x.org', method: POST", mode: "external", why: "POST may" },
    {
      type: "type: http, url: 'https://x.org', method: POST, writes: none",
      mode: "none",
      why: "unless the author knows better",
    },
  ])("assumes the write mode $mode for { $type }: $why", ({ type, mode }) => {
    const { spec } = compiled(`id: a\ntasks:\n  x: { ${type} }\n`);
    expect(spec.tasks.x?.writes).toEqual({ mode });
  });

  it("keeps the text of a variable's value as it is written", () => {
    const { spec } = compiled(
      "id: a\ntasks:\n  x: { type: noop, env: { A: 1.10, B: 0x1F, C: true, D: 'x', E: 1e3 } }\n",
    );
    expect(spec.tasks.x?.env).toEqual({ A: "1.10", B: "0x1F", C: "true", D: "x", E: "1e3" });
  });

  it("says the same thing in one way: required, staged, order of needs, ranges of status", () => {
    const { spec } = compiled(`
id: a
params:
  must: { type: string, required: true }
  may: { type: string, required: false }
  has: { type: string, required: false, default: x }
tasks:
  b: { type: noop }
  a: { type: noop }
  x:
    type: http
    url: https://example.org
    expect: [204, 2xx, 301, "302"]
    needs: [b, a]
    writes: { mode: append, staged: false }
`);
    expect(spec.params).toEqual({
      must: { type: "string" },
      may: { type: "string", required: false },
      has: { type: "string", default: "x" },
    });
    expect(spec.tasks.x?.needs).toEqual(["a", "b"]);
    expect(spec.tasks.x?.writes).toEqual({ mode: "append" });
    expect(spec.tasks.x?.with.expect).toEqual([
      [200, 299],
      [301, 302],
    ]);
  });

  it("takes a template in plain text although it holds a colon and a hash", () => {
    const { spec } = compiled(`
id: a
tasks:
  x:
    type: shell
    run: echo {{ interval.start | date: "%Y-%m-%d" }} {{ "x" | append: " #1" }} # a comment
`);
    expect(spec.tasks.x?.with.run).toBe(
      'echo {{ interval.start | date: "%Y-%m-%d" }} {{ "x" | append: " #1" }}',
    );
  });

  it("stores files and the bundle by content, each content once", () => {
    const bytes = (text: string) => new TextEncoder().encode(text);
    const file = (path: string, text: string, executable = false) => ({
      path,
      bytes: bytes(text),
      executable,
    });
    const files = new Map<string, FileMatches>([
      ["s/*", { ok: true, files: [file("s/b.py", "b"), file("s/a.sh", "a", true)] }],
      ["s/a.sh", { ok: true, files: [file("s/a.sh", "a", true)] }],
      ["copy", { ok: true, files: [file("copy", "a")] }],
    ]);
    const text = "id: a\nfiles: ['s/*', s/a.sh, copy]\ntasks:\n  x: { type: noop }\n";
    expect(filePatterns(parseYaml(text, "a.yaml"))).toEqual(["s/*", "s/a.sh", "copy"]);
    const flow = compiled(text, { files, bundle: bytes("export default 1") });
    expect(flow.spec.files).toEqual([
      { path: "copy", sha256: sha256Hex("a"), bytes: 1, executable: false },
      { path: "s/a.sh", sha256: sha256Hex("a"), bytes: 1, executable: true },
      { path: "s/b.py", sha256: sha256Hex("b"), bytes: 1, executable: false },
    ]);
    expect(flow.spec.bundle).toBe(sha256Hex("export default 1"));
    expect(flow.blobs.map(({ sha256 }) => sha256).sort()).toEqual(
      [sha256Hex("a"), sha256Hex("b"), sha256Hex("export default 1")].sort(),
    );
  });

  it("reports a pattern whose files were refused where the pattern stands", () => {
    const refused: FileMatches = {
      ok: false,
      code: "FILE_OUTSIDE",
      message: "The path leaves the folder.",
      fix: "Copy the file.",
    };
    expect(
      problemsOf("id: a\nfiles: [../x]\ntasks:\n  x: { type: noop }\n", {
        files: new Map([["../x", refused]]),
      }),
    ).toEqual(["a.yaml:2:9: FILE_OUTSIDE: The path leaves the folder. Copy the file."]);
  });

  it(`tells at most ${MAX_PROBLEMS} problems, in the order of the file`, () => {
    const tasks = Array.from({ length: 200 }, (_, n) => `  t${n}: { type: nope }\n`).join("");
    const result = compileDocument(parseYaml(`id: A\ntasks:\n${tasks}`, "a.yaml"), {
      types: taskTypes,
    });
    const lines = result.ok ? [] : result.problems.map(({ position }) => position.line);
    expect(lines).toHaveLength(MAX_PROBLEMS);
    expect(lines).toEqual([...lines].sort((a, b) => a - b));
  });

  it("still checks needs and templates of a task whose settings are wrong", () => {
    const told = problemsOf(
      'id: a\ntasks:\n  x: { type: wait, duration: soon, needs: [y], env: { A: "{{ params.b }}" } }\n',
    );
    expect(told.map((line) => line.split(": ")[1])).toEqual([
      "INVALID_DURATION",
      "UNKNOWN_TASK",
      "TEMPLATE_UNKNOWN_VARIABLE",
    ]);
  });
});

describe("limits", () => {
  const yamlOf = (count: number) =>
    `id: a\ntasks:\n${Array.from(
      { length: count },
      (_, n) => `  t${n}: { type: noop, needs: [${n === 0 ? "" : `t${n - 1}`}] }\n`,
    ).join("")}`;
  const xmlOf = (count: number) =>
    `<flow id="a">\n${Array.from(
      { length: count },
      (_, n) => `<task id="t${n}" type="noop" needs="${n === 0 ? "" : `t${n - 1}`}"/>\n`,
    ).join("")}</flow>`;

  it.each([
    { format: "YAML", parse: parseYaml, text: yamlOf, line: 10_003, column: 3 },
    { format: "XML", parse: parseXml, text: xmlOf, line: 10_002, column: 11 },
  ])(
    "$format: accepts 10,000 tasks and refuses 10,001 with nothing else",
    { timeout: 60_000 },
    ({ parse, text, line, column }) => {
      const accepted = compileDocument(parse(text(10_000), "a"), { types: taskTypes });
      expect(accepted.ok && accepted.flow.graph.taskIds.length).toBe(10_000);
      const refused = compileDocument(parse(text(10_001), "a"), { types: taskTypes });
      expect(refused.ok ? [] : refused.problems).toEqual([
        expect.objectContaining({
          code: "TOO_MANY_TASKS",
          position: { file: "a", line, column },
        }),
      ]);
    },
  );

  it.each([
    { format: "YAML", parse: parseYaml, text: `id: a # ${"x".repeat(5 * 1024 * 1024)}\n` },
    {
      format: "XML",
      parse: parseXml,
      text: `<flow id="a"><!--${"x".repeat(5 * 1024 * 1024)}--></flow>`,
    },
  ])("$format: refuses more than 5 MB without reading it", ({ parse, text }) => {
    const document = parse(text, "a");
    expect(document.root).toBeNull();
    expect(document.problems.map(({ code }) => code)).toEqual(["TOO_LARGE"]);
  });

  it.each([
    { what: "open brackets", text: "[".repeat(1_000_000) },
    { what: "open braces", text: "{a: ".repeat(500_000) },
    { what: "dashes", text: "- ".repeat(1_000_000) },
    { what: "question marks", text: "? ".repeat(500_000) },
    {
      what: "growing indentation",
      text: Array.from({ length: 2_000 }, (_, n) => `${" ".repeat(n)}a:`).join("\n"),
    },
  ])("YAML: gives up on $what as soon as they are too deep", ({ text }) => {
    expect(parseYaml(text, "a").problems.map(({ code }) => code)).toEqual(["TOO_DEEP"]);
  });

  it("XML: gives up on elements as soon as they are too deep", () => {
    const document = parseXml("<a>".repeat(1_000_000), "a");
    expect(document.problems.map(({ code }) => code)).toEqual(["TOO_DEEP"]);
  });
});

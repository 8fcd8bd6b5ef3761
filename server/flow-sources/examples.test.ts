import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asOutput, loadBundle, type TaskFunction, taskContext } from "#sdk/protocol.ts";
import type { CompiledFlow, Json } from "#server/core/flow/spec.ts";
import { FlowFolder, isMeantAsFlow } from "./folder.ts";

const folder = resolve("flows");
let flows: Map<string, CompiledFlow>;

beforeAll(async () => {
  const { definitions } = await new FlowFolder(folder).look();
  flows = new Map();
  for (const [path, loaded] of definitions) {
    if (!isMeantAsFlow(path, loaded)) continue;
    expect(loaded.result.ok ? [] : loaded.result.problems, path).toEqual([]);
    if (loaded.result.ok) flows.set(loaded.result.flow.spec.id, loaded.result.flow);
  }
});

describe("the example flows", () => {
  it("compile, one in each format", () => {
    const formats = Object.fromEntries([...flows].map(([id, flow]) => [id, flow.source.format]));
    expect(formats).toMatchObject({
      hello: "yaml",
      "late-file": "xml",
      "weather-daily": "typescript",
    });
  });

  it("carry what they need and nothing of this machine", () => {
    const weather = flows.get("weather-daily");
    expect(weather?.spec.files.map((file) => file.path)).toEqual(["seattle-weather.csv"]);
    for (const { blobs, canonical } of flows.values()) {
      for (const text of [canonical, ...blobs.map((blob) => Buffer.from(blob.bytes).toString())]) {
        expect(text).not.toContain(resolve("."));
      }
    }
  });
});

describe("weather-daily", () => {
  let handlers: Map<string, TaskFunction>;
  let place: string;

  beforeAll(async () => {
    place = mkdtempSync(join(tmpdir(), "idem-weather-"));
    const flow = flows.get("weather-daily");
    for (const { path, sha256 } of flow?.spec.files ?? []) {
      const blob = flow?.blobs.find((candidate) => candidate.sha256 === sha256);
      writeFileSync(join(place, path), blob?.bytes ?? "");
    }
    const code = flow?.blobs.find((blob) => blob.sha256 === flow.spec.bundle);
    writeFileSync(join(place, "bundle.mjs"), code?.bytes ?? "");
    handlers = await loadBundle(join(place, "bundle.mjs"));
  });
  afterAll(() => rmSync(place, { recursive: true }));

  /** Runs the functions of one day as a worker does. */
  async function runDay(date: string, dataDir: string): Promise<Record<string, Json>> {
    const outputs: Record<string, Json> = {};
    for (const task of ["extract", "validate", "write-day", "sum-up-month"]) {
      const input = {
        params: { station: "seattle" },
        interval: { start: `${date}T00:00:00.000Z`, end: `${date}T23:59:59.000Z` },
        identity: "0".repeat(64),
        task,
        attempt: 1,
        env: {},
        workdir: place,
        dataDir,
        outputs,
      };
      const ports = { signal: new AbortController().signal, log: () => {} };
      outputs[task] = asOutput(await handlers.get(task)?.(taskContext(input, ports)));
    }
    return outputs;
  }

  function contentOf(dataDir: string): Record<string, string> {
    const year = join(dataDir, "weather/seattle/2012");
    return Object.fromEntries(
      readdirSync(year)
        .sort()
        .map((name) => [name, readFileSync(join(year, name), "utf8")]),
    );
  }

  function dataFolder(name: string): string {
    const path = join(place, name);
    mkdirSync(path);
    return path;
  }

  it("writes the day and its month, the same however often and in whatever order", async () => {
    const days = Array.from({ length: 31 }, (_, i) => `2012-01-${String(i + 1).padStart(2, "0")}`);
    const [forwards, backwards] = [dataFolder("forwards"), dataFolder("backwards")];
    for (const day of days) await runDay(day, forwards);
    for (const day of [...days].reverse()) await runDay(day, backwards);
    await runDay("2012-01-05", backwards);

    const written = contentOf(forwards);
    expect(contentOf(backwards)).toEqual(written);
    expect(Object.keys(written)).toHaveLength(32);
    expect(JSON.parse(written["2012-01-05.json"] ?? "")).toEqual({
      date: "2012-01-05",
      precipitation: 1.3,
      high: 8.9,
      low: 2.8,
      wind: 6.1,
      weather: "rain",
    });
    // Sums of column 2 and extremes of columns 3 and 4 over the 31 rows of the record.
    expect(JSON.parse(written["2012-01.month.json"] ?? "")).toMatchObject({
      days: 31,
      precipitation: 173.3,
      high: 12.8,
      low: -3.3,
    });
  });

  it("says what the record covers when there is no such day", async () => {
    await expect(runDay("2016-01-01", dataFolder("none"))).rejects.toThrow(
      "There is no observation for 2016-01-01: the record covers 2012-01-01 to 2015-12-31.",
    );
  });
});

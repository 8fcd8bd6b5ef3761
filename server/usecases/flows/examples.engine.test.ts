/** The example flows, executed by a real runner after their sources are gone. */
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { cpSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { operator } from "#server/auth/actor.ts";
import type { RunDetail } from "#server/core/run/view.ts";
import { createPrisma } from "#server/db/connection.ts";
import { readLog } from "#server/db/run/logs.ts";
import { createTestFolder } from "#server/flow-sources/testing/folder-kit.ts";
import type { Deps } from "#server/usecases/deps.ts";
import { createRun } from "#server/usecases/runs/create.ts";
import { createRunInput } from "#server/usecases/runs/inputs.ts";
import { getRun } from "#server/usecases/runs/read.ts";
import { getRerunPlan, rerun } from "#server/usecases/runs/rerun.ts";
import { awaitRun } from "../../../test/engine/runs.ts";
import { createWorld, type EngineWorld } from "../../../test/engine/world.ts";
import { syncFlows } from "./sync.ts";

let world: EngineWorld;
let deps: Deps;
/** Runs that were started before the sources went away. */
const first: Record<string, string> = {};

beforeAll(async () => {
  world = await createWorld();
  deps = { pool: world.pool, prisma: createPrisma(world.pool) };
  const folder = createTestFolder();
  cpSync("flows", folder.path, { recursive: true });
  const { broken, stored } = await syncFlows(deps, folder.path);
  expect(broken).toEqual([]);
  expect(stored).toEqual(expect.arrayContaining(["hello", "late-file", "weather-daily"]));

  first.hello = await start("hello", { params: { name: "Ada", language: "korean" } });
  first.late = await start("late-file");
  first.many = await start("many-files");
  for (const day of ["05", "06", "07"]) {
    const interval = { start: `2012-01-${day}T00:00:00Z`, end: `2012-01-${day}T23:59:59Z` };
    first[`day ${day}`] = await start("weather-daily", { interval });
  }

  for (const name of readdirSync(folder.path)) rmSync(join(folder.path, name), { recursive: true });
  const { archived } = await syncFlows(deps, folder.path);
  expect(archived.sort()).toEqual([...stored].sort());
  folder.close();
  await world.startRunner();
});
afterAll(async () => {
  expect(await world.finish()).toEqual([]);
  await world.remove();
});

async function start(flow: string, over: object = {}): Promise<string> {
  const input = { flow, idempotencyKey: randomUUID(), ...over };
  return (await createRun(deps, operator, createRunInput.parse(input))).id;
}

async function ended(id: string | undefined): Promise<RunDetail> {
  await awaitRun(world.pool, id ?? "");
  return getRun(deps, operator, id ?? "");
}

async function again(id: string, scope: string): Promise<RunDetail> {
  const plan = await getRerunPlan(deps, operator, { id, scope });
  const input = { id, scope, planHash: plan.hash, idempotencyKey: randomUUID() };
  return ended((await rerun(deps, operator, input)).id);
}

const states = (run: RunDetail) => Object.fromEntries(run.tasks.map((t) => [t.id, t.state]));

async function logOf(run: RunDetail, task: string): Promise<string[]> {
  const ordinal = run.tasks.find((candidate) => candidate.id === task)?.ordinal ?? -1;
  const key = { runId: run.id, ordinal, attempt: 1 };
  const { lines } = await readLog(world.pool, key, { from: 1, count: 100 });
  return lines.map((line) => line.text);
}

/** Everything below a folder of the data folder, by path. */
function dataBelow(name: string): Record<string, string> {
  const folder = join(world.home, "data", name);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    files
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(folder.length + 1), readFileSync(path, "utf8")]),
  );
}

describe("the example flows", () => {
  it("hello hands a value from one task to the next", async () => {
    const run = await ended(first.hello);
    expect(run.firstError).toBeNull();
    expect(states(run)).toMatchObject({
      say: "succeeded",
      apologise: "skipped",
      done: "succeeded",
    });
    expect(await logOf(run, "say")).toEqual(["안녕하세요, Ada!", "That took 11 letters."]);
    expect((await logOf(run, "done"))[1]).toBe(`This run is ${run.identity}:`);
  });

  it("late-file fails, says why, and recovers by a rerun once the file is there", async () => {
    const failed = await ended(first.late);
    expect(failed.state).toBe("failed");
    expect(states(failed)).toEqual({
      "open-the-books": "succeeded",
      "find-file": "failed",
      "check-rows": "upstream_failed",
      "add-up": "upstream_failed",
      publish: "upstream_failed",
      "remind-sender": "succeeded",
    });
    expect(failed.firstError).toMatchObject({
      task: "find-file",
      message: "ERROR: incoming/orders.csv has not arrived yet.",
      line: 1,
    });
    expect(await logOf(failed, "remind-sender")).toEqual([
      "Dear partner, we are still waiting for orders.csv. Kind regards",
    ]);

    const lines = await logOf(failed, "find-file");
    const command = lines.find((line) => line.includes("printf")) ?? "exit 1";
    execFileSync("/bin/sh", ["-c", command]);
    const recovered = await again(failed.id, "failed");
    expect(recovered.state).toBe("succeeded");
    expect(states(recovered)).toMatchObject({
      "open-the-books": "reused",
      publish: "succeeded",
      "remind-sender": "skipped",
    });
    expect(recovered.identity).toBe(failed.identity);
    expect(recovered.params).toEqual(failed.params);
    const totals = dataBelow("totals");
    expect(Object.keys(totals)).toEqual(["orders.json"]);
    expect(JSON.parse(totals["orders.json"] ?? "")).toEqual({ orders: 2, total: 25 });
  });

  it("many-files reads 731 files in four task runs", async () => {
    const run = await ended(first.many);
    expect(states(run)).toEqual({ split: "succeeded", read: "succeeded", total: "succeeded" });
    expect(run.tasks.find(({ id }) => id === "read")?.items).toEqual({
      total: 4,
      counts: { succeeded: 4 },
    });
    expect(await logOf(run, "total")).toEqual(["731 days, 2054 mm of rain"]);
  });

  it("weather-daily leaves the same files however often its days are run", async () => {
    const days = await Promise.all(["05", "06", "07"].map((day) => ended(first[`day ${day}`])));
    for (const run of days) expect(states(run)).toMatchObject({ report: "succeeded" });
    const written = dataBelow("weather/seattle/2012");
    expect(Object.keys(written).sort()).toEqual([
      "2012-01-05.json",
      "2012-01-06.json",
      "2012-01-07.json",
      "2012-01.month.json",
    ]);
    expect(JSON.parse(written["2012-01.month.json"] ?? "")).toMatchObject({ days: 3 });

    const repeated = await Promise.all(days.map((run) => again(run.id, "all")));
    for (const [index, run] of repeated.entries()) {
      expect(run.state).toBe("succeeded");
      expect(run.identity).toBe(days[index]?.identity);
    }
    expect(dataBelow("weather/seattle/2012")).toEqual(written);
    expect(await logOf(repeated[0] as RunDetail, "report")).toEqual([
      "2012-01, 3 days so far:",
      "  2.2 to 8.9 °C, 3.8 mm of rain and snow",
    ]);
  });
});

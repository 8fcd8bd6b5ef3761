/** Runs under a test's control: started without waiting, held at gates, watched through the API. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect } from "@playwright/test";
import type { RunState } from "../server/core/run/states.ts";
import { api } from "./product.ts";

function home(): string {
  const value = process.env.IDEM_E2E_HOME;
  if (value === undefined) throw new Error("IDEM_E2E_HOME is not set: run with playwright test");
  return value;
}

/** Path of a file in the folder that tasks see as IDEM_DATA. */
export const dataPath = (file: string): string => join(home(), "data", file);

export async function writeData(file: string, text: string): Promise<void> {
  await mkdir(dirname(dataPath(file)), { recursive: true });
  await writeFile(dataPath(file), text);
}

export async function removeData(file: string): Promise<void> {
  await rm(dataPath(file), { force: true });
}

/** Shell that waits until the test opens the gate. */
export const waitAtGate = (gate: string): string =>
  `while [ ! -f "$IDEM_DATA/gates/${gate}" ]; do sleep 0.05; done`;

/** Lets all tasks on that wait at the gate. */
export const openGate = (gate: string): Promise<void> => writeData(`gates/${gate}`, "open");

let keys = 0;

/** Starts a run and returns its id at once. */
export async function startRun(
  flow: string,
  params: Record<string, string | number | boolean> = {},
): Promise<string> {
  const idempotencyKey = `control-${process.pid}-${Date.now()}-${++keys}`;
  return (await api.runs.create.mutate({ flow, params, idempotencyKey })).id;
}

/** Waits until a run has the state. */
export async function untilState(id: string, state: RunState): Promise<void> {
  await expect
    .poll(async () => (await api.runs.get.query({ id })).state, { timeout: 25_000 })
    .toBe(state);
}

/** The runs of a flow, newest first. */
export async function runsOf(flow: string) {
  return (await api.runs.list.query({ filter: { flow } })).items;
}

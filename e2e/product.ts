/** What browser tests need of the running product besides a browser: its API and its flows folder. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { createTRPCClient, httpBatchLink } from "@trpc/client";
import { isRunEnded } from "../server/core/run/states.ts";
import type { RunDetail } from "../server/core/run/view.ts";
import type { AppRouter } from "../server/trpc/router.ts";

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined)
    throw new Error(`${name} is not set: run the tests with playwright test`);
  return value;
}

/** The API of the product under test. */
export const api = createTRPCClient<AppRouter>({
  links: [httpBatchLink({ url: `http://127.0.0.1:${setting("IDEM_E2E_PORT")}/api/trpc` })],
});

/** Path of a file below the flows folder of the product under test. */
export const flowPath = (file: string): string => join(setting("IDEM_E2E_HOME"), "flows", file);

/** Saves a definition and waits until the flow is stored in exactly this form or its file is refused. */
export async function saveFlow(file: string, text: string): Promise<void> {
  const path = flowPath(file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  const id = /^id: (\S+)/m.exec(text)?.[1];
  await expect
    .poll(async () => {
      const { items, broken } = await api.flows.list.query({});
      const refused = broken.some((source) => source.path.endsWith(file));
      const flow = items.find((item) => item.id === id);
      if (refused || (flow?.problems.length ?? 0) > 0) return true;
      if (flow === undefined) return false;
      const { number } = { number: flow.revision };
      const revision = await api.flows.revision.query({ flow: flow.id, number });
      return revision.sourceText === text;
    })
    .toBe(true);
}

export async function removeFlow(file: string): Promise<void> {
  await rm(flowPath(file), { force: true });
}

let keys = 0;
export const freshKey = () => `e2e-${process.pid}-${Date.now()}-${++keys}`;

/** Starts a run and waits for its end. */
export async function runToEnd(
  flow: string,
  params: Record<string, string | number | boolean> = {},
): Promise<RunDetail> {
  const { id } = await api.runs.create.mutate({ flow, params, idempotencyKey: freshKey() });
  await expect
    .poll(async () => isRunEnded((await api.runs.get.query({ id })).state), { timeout: 20_000 })
    .toBe(true);
  return (await api.runs.get.query({ id })) as RunDetail;
}

/** Presses a key until it has its effect: before a page has come alive nobody listens. */
export async function pressUntil(
  page: Page,
  key: string,
  effect: () => Promise<boolean>,
): Promise<void> {
  await expect(async () => {
    if (!(await effect())) await page.keyboard.press(key);
    await expect.poll(effect, { timeout: 1_500 }).toBe(true);
  }).toPass();
}

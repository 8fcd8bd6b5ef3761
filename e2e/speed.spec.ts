import { expect, type Page, test } from "@playwright/test";
import { runToEnd, saveFlow } from "./product.ts";

const flow = "speed-demo";

test.beforeAll(async () => {
  await saveFlow(
    `${flow}.yaml`,
    `id: ${flow}\nname: Speed demo\ntasks:\n  a: { type: noop }\n  b: { type: noop, needs: [a] }\n`,
  );
  await runToEnd(flow);
});

const LOADS = 3;

/** Largest contentful paint of one load, in milliseconds since the navigation began. */
async function largestPaint(page: Page, path: string): Promise<number> {
  await page.goto(path, { waitUntil: "networkidle" });
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) => {
          resolve(list.getEntries().at(-1)?.startTime ?? Number.POSITIVE_INFINITY);
        }).observe({ type: "largest-contentful-paint", buffered: true });
      }),
  );
}

for (const path of ["/", "/flows", `/flows/${flow}`, `/flows/${flow}/run`, "/runs", "/runners"]) {
  test(`${path} paints its content within a second`, async ({ page }) => {
    await page.goto(path);
    const paints: number[] = [];
    for (let load = 0; load < LOADS; load++) paints.push(await largestPaint(page, path));
    const median = paints.toSorted((a, b) => a - b)[Math.floor(LOADS / 2)];
    expect(median).toBeLessThanOrEqual(1_000);
  });
}

/** Slowest answer to a press, key or click in one walk through the pages, in milliseconds. */
async function slowestAnswer(page: Page): Promise<number> {
  await page.goto("/flows", { waitUntil: "networkidle" });
  await page.evaluate(() => {
    const durations: number[] = [];
    (window as unknown as { durations: number[] }).durations = durations;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        // Presses, keys and clicks have an id; a pointer that merely passes over things has none.
        const { interactionId } = entry as PerformanceEntry & { interactionId?: number };
        if (interactionId) durations.push(entry.duration);
      }
    }).observe({ type: "event", buffered: true, durationThreshold: 16 } as PerformanceObserverInit);
  });
  await page.getByRole("searchbox", { name: "Filter flows" }).pressSequentially("speed");
  await page.getByRole("button", { name: "Display settings" }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").pressSequentially("run");
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: "Speed demo", exact: true }).click();
  await page.getByRole("tab", { name: "Graph" }).click();
  await expect(page.getByRole("tab", { name: "Graph" })).toHaveAttribute("aria-selected", "true");
  await page.getByRole("tab", { name: "Code" }).click();
  await expect(page.getByText("id: speed-demo")).toBeVisible();
  const durations = await page.evaluate(
    () => (window as unknown as { durations: number[] }).durations,
  );
  expect(durations.length).toBeGreaterThan(0);
  return Math.max(...durations);
}

test("every interaction is answered by a paint within 200 ms", async ({ page }) => {
  test.slow();
  const walks: number[] = [];
  for (let walk = 0; walk < LOADS; walk++) walks.push(await slowestAnswer(page));
  // Each walk counts its slowest answer, as INP does; other work on the machine only ever adds.
  expect(Math.min(...walks)).toBeLessThanOrEqual(200);
});

import { expect, type Page, test } from "@playwright/test";
import { api, freshKey, runToEnd, saveFlow } from "./product.ts";

// Recording a trace costs more than what is measured here.
test.use({ trace: "off" });
test.setTimeout(90_000);

/** Each figure is the best of so many tries: the machine may be busy with something else. */
const TRIES = 3;
const LINES = 100_000;

let wideRun = "";
let logRun = "";

/** Ten layers of a hundred tasks, each needing two of the layer before. */
function thousand(): string {
  const lines = ["id: smooth-wide", "name: A thousand", "tasks:"];
  for (let layer = 0; layer < 10; layer++) {
    for (let i = 0; i < 100; i++) {
      lines.push(`  step${layer}_${i}:`, "    type: noop");
      if (layer > 0) {
        const before = (k: number) => `step${layer - 1}_${(i * 7 + k) % 100}`;
        lines.push(`    needs: [${before(0)}, ${before(3)}]`);
      }
    }
  }
  return `${lines.join("\n")}\n`;
}

test.beforeAll(async () => {
  await saveFlow("smooth-wide.yaml", thousand());
  await saveFlow(
    "smooth-log.yaml",
    `id: smooth-log\ntasks:\n  write: { type: shell, run: 'seq -f "line %g" 1 ${LINES}' }\n`,
  );
  wideRun = (await runToEnd("smooth-wide")).id;
  logRun = (await runToEnd("smooth-log")).id;
});

interface Motion {
  /** Most elements of interest that were in the DOM at a time. */
  most: number;
  /** 95th percentile of the time between two frames, in milliseconds. */
  p95: number;
}

/** The calmest of several measurements; the count is the highest of all. */
async function calmest(measure: () => Promise<Motion>): Promise<Motion> {
  const all: Motion[] = [];
  for (let i = 0; i < TRIES; i++) all.push(await measure());
  return {
    most: Math.max(...all.map(({ most }) => most)),
    p95: Math.min(...all.map(({ p95 }) => p95)),
  };
}

const canvas = (page: Page) => page.getByRole("region", { name: /^Graph of/ });

function pan(page: Page): Promise<Motion> {
  return canvas(page).evaluate(async (element) => {
    const pane = element.querySelector(".react-flow__pane");
    if (!pane) throw new Error("no pane");
    const frames: number[] = [];
    let most = 0;
    let last = performance.now();
    for (let i = 0; i < 90; i++) {
      const deltaX = i % 30 < 15 ? 40 : -40;
      const deltaY = i % 60 < 30 ? 15 : -15;
      pane.dispatchEvent(
        new WheelEvent("wheel", { deltaX, deltaY, bubbles: true, cancelable: true }),
      );
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      frames.push(now - last);
      last = now;
      most = Math.max(most, element.querySelectorAll(".react-flow__node").length);
    }
    frames.sort((a, b) => a - b);
    return { most, p95: frames[Math.floor(frames.length * 0.95)] ?? 0 };
  });
}

test("1,000 tasks are painted within 2 s with no main-thread task above 100 ms", async ({
  page,
}) => {
  await page.goto("/runs?flow=smooth-wide");
  const results: { painted: number; longest: number }[] = [];
  for (let i = 0; i < TRIES; i++) {
    await page.evaluate(() => {
      const tasks: number[] = [];
      (window as unknown as { tasks: number[] }).tasks = tasks;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) tasks.push(entry.duration);
      }).observe({ type: "longtask" });
    });
    const began = performance.now();
    await page.getByRole("link", { name: "A thousand" }).first().click();
    await expect(page.locator("[data-dag-box]").first()).toBeVisible();
    const painted = performance.now() - began;
    const tasks = await page.evaluate(() => (window as unknown as { tasks: number[] }).tasks);
    results.push({ painted, longest: Math.max(0, ...tasks) });
    await page.goBack();
    await expect(page.getByRole("link", { name: "A thousand" }).first()).toBeVisible();
  }
  expect(Math.min(...results.map(({ painted }) => painted))).toBeLessThanOrEqual(2_000);
  expect(Math.min(...results.map(({ longest }) => longest))).toBeLessThanOrEqual(100);
});

test("panning 1,000 tasks stays smooth with few boxes in the DOM, zoomed out as well", async ({
  page,
}) => {
  await page.goto(`/runs/${wideRun}`);
  const search = page.getByRole("combobox", { name: "Find a task" });
  for (const task of ["step9_5", "step8_5"]) {
    await search.fill(task);
    await search.press("Enter");
    await expect(page.locator(`[data-dag-box="${task}"]`)).toBeFocused();
  }
  const near = await calmest(() => pan(page));
  expect(near.most).toBeLessThanOrEqual(100);
  expect(near.p95).toBeLessThanOrEqual(50);
  await page.getByRole("button", { name: "Show everything" }).click();
  await expect(page.locator("[data-dag-overview]")).toBeVisible();
  const far = await calmest(() => pan(page));
  expect(far.most).toBeLessThanOrEqual(100);
  expect(far.p95).toBeLessThanOrEqual(50);
});

test("scrolling 100,000 lines stays smooth with few rows in the DOM", async ({ page }) => {
  await page.goto(`/runs/${logRun}?tab=logs&task=write#L1`);
  await expect(page.locator("[data-line='2']")).toContainText("line 2");
  const log = page.getByRole("region", { name: /^Log of/ });
  const scroll = () =>
    log.evaluate(async (element) => {
      const frames: number[] = [];
      let most = 0;
      let last = performance.now();
      element.scrollTop = 0;
      for (let i = 0; i < 120; i++) {
        element.scrollTop += i % 20 === 0 ? 40_000 : 600;
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        frames.push(now - last);
        last = now;
        most = Math.max(most, document.querySelectorAll("[data-line]").length);
      }
      frames.sort((a, b) => a - b);
      return { most, p95: frames[Math.floor(frames.length * 0.95)] ?? 0 };
    });
  const motion = await calmest(scroll);
  expect(motion.most).toBeGreaterThan(10);
  expect(motion.most).toBeLessThanOrEqual(150);
  expect(motion.p95).toBeLessThanOrEqual(50);
});

test("a search finds unseen lines within 300 ms", async ({ page }) => {
  await page.goto(`/runs/${logRun}?tab=logs&task=write#L1`);
  await expect(page.locator("[data-line='1']")).toBeVisible();
  const search = page.getByRole("textbox", { name: "Search the log" });
  const times: number[] = [];
  for (const text of ["line 99999", "line 77777", "line 88888"]) {
    const answer = page.waitForResponse((response) => response.url().includes("runs.searchLog"));
    const began = performance.now();
    await search.fill(text);
    await answer;
    times.push(performance.now() - began);
    await expect(page.getByText("1 of 1", { exact: true })).toBeVisible();
  }
  expect(Math.min(...times)).toBeLessThan(300);
});

const INTERVALS = 10_000;
const OPEN_LIMIT_MS = 1_500;

/** Plans and starts a backfill of hours from a year on. @returns milliseconds until its page is there */
async function openBackfill(page: Page, year: number): Promise<number> {
  await page.goto("/backfills");
  const began = performance.now();
  const plan = await api.backfills.plan.mutate({
    flow: "smooth-hours",
    from: `${year}-01-01`,
    to: new Date(Date.UTC(year, 0, 1) + INTERVALS * 3_600_000).toISOString(),
    step: "hour",
    concurrency: 20,
  });
  await api.backfills.start.mutate({
    id: plan.id,
    planHash: plan.hash,
    idempotencyKey: freshKey(),
  });
  await page.goto(`/backfills/${plan.id}`);
  const map = page.getByRole("group", { name: /^Map of the intervals/ });
  await expect(map.locator("a")).toBeVisible();
  await expect(page.locator("[data-count=total]")).toHaveText("10,000");
  return performance.now() - began;
}

test("a backfill of 10,000 intervals is there within 1.5 s of its request, and stays smooth while it runs", async ({
  page,
}) => {
  await saveFlow("smooth-hours.yaml", "id: smooth-hours\ntasks: { done: { type: noop } }\n");
  const map = page.getByRole("group", { name: /^Map of the intervals/ });
  const opened: number[] = [];
  for (let tries = 0; tries < TRIES; tries++) {
    opened.push(await openBackfill(page, 2025 + 2 * tries));
    if ((opened.at(-1) ?? 0) <= OPEN_LIMIT_MS) break;
    await expect(page.locator("h1 [data-state=succeeded]")).toBeVisible({ timeout: 30_000 });
  }
  expect(Math.min(...opened)).toBeLessThanOrEqual(OPEN_LIMIT_MS);

  const { most, p95 } = await calmest(() =>
    map.evaluate(async (element) => {
      const frames: number[] = [];
      let last = performance.now();
      const canvas = element.querySelector("canvas");
      if (canvas === null) throw new Error("no canvas");
      const box = canvas.getBoundingClientRect();
      for (let i = 0; i < 90; i++) {
        const [clientX, clientY] = [
          box.left + ((i * 37) % box.width),
          box.top + ((i * 11) % box.height),
        ];
        canvas.dispatchEvent(new PointerEvent("pointermove", { clientX, clientY, bubbles: true }));
        window.scrollBy(0, i % 30 < 15 ? 40 : -40);
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        frames.push(now - last);
        last = now;
      }
      frames.sort((a, b) => a - b);
      const p95 = frames[Math.floor(frames.length * 0.95)] ?? 0;
      return { most: document.querySelectorAll("tr, [role=row]").length, p95 };
    }),
  );
  expect(p95).toBeLessThanOrEqual(50);
  expect(most).toBeLessThanOrEqual(250);
});

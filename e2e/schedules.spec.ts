import { expect, type Page, test } from "@playwright/test";
import { violations } from "./axe.ts";
import { api, removeFlow, saveFlow } from "./product.ts";

const bell = "schedule-bell";
const night = "schedule-night";

test.beforeAll(async () => {
  await saveFlow(
    `${bell}.yaml`,
    [
      `id: ${bell}`,
      "name: Bell",
      'schedule: { cron: "*/2 * * * * *", timezone: UTC, catchup: none, overlap: skip }',
      "tasks:",
      "  ring: { type: noop }",
      "",
    ].join("\n"),
  );
  await saveFlow(
    `${night}.yaml`,
    [
      `id: ${night}`,
      "name: Night shift",
      "params:",
      "  station: { type: string, default: seattle }",
      "schedule:",
      '  - { cron: "30 2 * * *", timezone: Asia/Seoul, params: { station: seoul } }',
      '  - { cron: "0 9 * * MON-FRI", timezone: America/New_York }',
      "tasks:",
      "  watch: { type: noop }",
      "",
    ].join("\n"),
  );
});

test.afterAll(async () => {
  await removeFlow(`${bell}.yaml`);
  await removeFlow(`${night}.yaml`);
  await expect
    .poll(async () => (await api.schedules.list.query({})).items.map(({ flow }) => flow))
    .not.toContain(bell);
});

/** The schedule of a flow in the list. */
const item = (page: Page, name: string) => page.getByRole("listitem").filter({ hasText: name });

/** Opens a page and waits until it listens: what is pressed before has no effect. */
async function open(page: Page, path: string): Promise<void> {
  const alive = page.waitForRequest(/runs\.watchAll/);
  await page.goto(path);
  await alive;
}

const runsOf = async (flow: string) =>
  (await api.runs.list.query({ filter: { flow }, limit: 200 })).items;

test("says in words when flows run, with the next five ticks on the schedule's own clock", async ({
  page,
}) => {
  await page.goto("/schedules?q=night");
  const first = item(page, "At 02:30, every day").first();
  await expect(first.getByRole("link", { name: "Night shift" })).toBeVisible();
  await expect(first.getByText("station=seoul")).toBeVisible();
  const ticks = first.locator("time");
  await expect(ticks).toHaveCount(5);
  for (const text of await ticks.allTextContents()) expect(text).toMatch(/02:30 \+09:00$/);
  const other = item(page, "At 09:00, Monday through Friday").first();
  await expect(other.locator("time").first()).toHaveText(/09:00 -0[45]:00$/);
});

test("a schedule fires by itself, is paused, run by hand and resumed without leaving the page", async ({
  page,
}) => {
  await open(page, "/schedules?q=bell");
  const schedule = item(page, "Every 2 seconds").first();
  await expect(schedule.getByText("succeeded")).toBeVisible();

  await schedule.getByRole("button", { name: "Pause Bell, schedule 1" }).click();
  await expect(schedule.getByText("paused", { exact: true })).toBeVisible();
  const before = await runsOf(bell);
  const byTick = (runs: typeof before) => runs.filter(({ trigger }) => trigger === "schedule");
  const byHand = (runs: typeof before) => runs.filter(({ trigger }) => trigger === "manual");
  const pausedAt = Date.now();

  await schedule.getByRole("button", { name: "Run Bell, schedule 1 now" }).dblclick();
  await expect(page.getByText(/^Run #\d+ was started$/).first()).toBeVisible();
  // Two more ticks pass, and nothing but the hand has started a run, once.
  await expect.poll(() => Date.now() - pausedAt).toBeGreaterThan(4_000);
  const during = await runsOf(bell);
  expect(byTick(during)).toHaveLength(byTick(before).length);
  expect(byHand(during)).toHaveLength(byHand(before).length + 1);

  await schedule.getByRole("button", { name: "Resume Bell, schedule 1" }).click();
  await expect(schedule.getByRole("button", { name: "Pause Bell, schedule 1" })).toBeVisible();
  await expect
    .poll(async () => byTick(await runsOf(bell)).length)
    .toBeGreaterThan(byTick(before).length);
  expect(new URL(page.url()).pathname).toBe("/schedules");
});

test("a tick made one run, whose page says where it came from", async ({ page }) => {
  const runs = await runsOf(bell);
  const run = runs.find(({ trigger }) => trigger === "schedule");
  const intervals = runs
    .filter(({ trigger }) => trigger === "schedule")
    .map(({ interval }) => interval?.start);
  expect(new Set(intervals).size).toBe(intervals.length);
  await page.goto(`/runs/${run?.id}`);
  await expect(page.getByText("Schedule", { exact: true }).first()).toBeVisible();
});

test("the page of a flow and the overview show what comes next", async ({ page }) => {
  await open(page, `/flows/${night}`);
  const panel = page.getByRole("list", { name: "Schedules" });
  await expect(panel.getByText("At 02:30, every day")).toBeVisible();
  await expect(panel.getByText("America/New_York")).toBeVisible();
  await panel.getByRole("button", { name: "Pause Night shift, schedule 2" }).click();
  await expect(panel.getByText("paused", { exact: true })).toBeVisible();
  await open(page, `/flows/${night}`);
  await expect(panel.getByText("paused", { exact: true })).toBeVisible();
  await panel.getByRole("button", { name: "Resume Night shift, schedule 2" }).click();
  await expect(panel.getByText("paused", { exact: true })).toBeHidden();

  await open(page, "/");
  await page.getByRole("link", { name: "All schedules" }).click();
  await expect(page.getByRole("heading", { name: "Schedules", level: 1 })).toBeVisible();
});

test("works by keyboard alone", async ({ page }) => {
  await open(page, "/schedules?q=night");
  await page.getByRole("button", { name: "Pause Night shift, schedule 1" }).focus();
  await page.keyboard.press("Enter");
  const resume = page.getByRole("button", { name: "Resume Night shift, schedule 1" });
  await expect(resume).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Pause Night shift, schedule 1" })).toBeFocused();
});

test("speaks Korean", async ({ page, context, baseURL }) => {
  await context.addCookies([{ name: "idem_locale", value: "ko", url: baseURL ?? "" }]);
  await page.goto("/schedules?q=night");
  await expect(page.getByRole("heading", { name: "스케줄", level: 1 })).toBeVisible();
  await expect(page.getByText("02:30, 매일")).toBeVisible();
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });
    for (const path of ["/schedules", "/schedules?q=nothing-like-it", `/flows/${night}`]) {
      test(`axe finds nothing on ${path}`, async ({ page }) => {
        await page.goto(path);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        expect(await violations(page)).toEqual([]);
      });
    }
  });
}

test("fits a narrow screen", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto("/schedules?q=night");
  await expect(page.getByRole("button", { name: /^Pause Night shift/ }).first()).toBeVisible();
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(390);
});

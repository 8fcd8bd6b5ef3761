import { writeFile } from "node:fs/promises";
import { expect, type Page, test } from "@playwright/test";
import type { FlowCalendar } from "#server/core/run/calendar-view.ts";
import { violations } from "./axe.ts";
import { api, flowPath, freshKey, saveFlow } from "./product.ts";

const flow = "backfill-days";
const name = "Daily report";
/** While this file is missing two of the days fail. The last one takes its time. */
const markPath = () => flowPath("../backfill-mended");

test.beforeAll(async () => {
  const mark = markPath();
  await saveFlow(
    `${flow}.yaml`,
    [
      `id: ${flow}`,
      `name: ${name}`,
      "tasks:",
      "  report:",
      "    type: shell",
      `    run: 'case {{ interval.start | date: "%d" }} in 03|07) test -e ${mark} || { echo "Error: no report that day" >&2; exit 1; };; 10) sleep 1;; esac'`,
      "",
    ].join("\n"),
  );
});

/** Opens a page and waits until it listens: what is pressed before has no effect. */
async function open(page: Page, path: string): Promise<void> {
  const alive = page.waitForRequest(/runs\.watchAll/);
  await page.goto(path);
  await alive;
}

const count = (page: Page, state: string) => page.locator(`[data-count=${state}]`);

async function counts(page: Page): Promise<{ total: number; sum: number }> {
  const shown = await page
    .locator("[data-count]")
    .evaluateAll((all) =>
      all.map((one) => [one.getAttribute("data-count"), Number(one.textContent.replace(",", ""))]),
    );
  const total = Number(shown.find(([state]) => state === "total")?.[1]);
  const sum = shown.reduce((all, [state, n]) => (state === "total" ? all : all + Number(n)), 0);
  return { total, sum };
}

test("a backfill is planned, read, started, fails in places, and is retried to its end", async ({
  page,
}) => {
  test.slow();
  await open(page, `/flows/${flow}`);
  await page.getByRole("link", { name: "Backfill", exact: true }).click();
  await page.getByLabel("From").fill("2026-01-01");
  await page.getByLabel("To (not included)").fill("2026-01-11");
  await page.getByRole("button", { name: "Show the plan" }).click();

  // Nothing runs before every interval and its reason have been seen.
  await expect(page.getByText("planned", { exact: true })).toBeVisible();
  const rows = page.getByRole("row").filter({ hasText: "has no run yet" });
  await expect(rows).toHaveCount(10);
  await expect(rows.first()).toContainText("2026-01-01");
  await expect(rows.last()).toContainText("2026-01-10");
  expect((await api.runs.list.query({ filter: { flow } })).items).toHaveLength(0);
  await page.reload();
  await expect(rows).toHaveCount(10);

  await expect(
    page.getByRole("group", { name: /^Map of the intervals/ }).locator("a"),
  ).toBeVisible();
  // As if the list had been read just before the last failure: it has to be read once more.
  await page.route(/backfills\.intervals/, async (route) => {
    const isOver = (await count(page, "succeeded").textContent()) === "8";
    if (isOver || !decodeURIComponent(route.request().url()).includes('"failed"')) {
      return route.continue();
    }
    const response = await route.fetch();
    const answers = (await response.json()) as { result: { data: { items?: unknown[] } } }[];
    for (const { result } of answers) result.data.items?.splice(1);
    await route.fulfill({ response, json: answers });
  });
  await page.getByRole("button", { name: "Start 10 runs" }).dblclick();
  await expect(count(page, "failed")).toHaveText("2", { timeout: 30_000 });
  await expect(page.getByText("failed", { exact: true }).first()).toBeVisible();
  await expect(count(page, "succeeded")).toHaveText("8");
  expect(await counts(page)).toEqual({ total: 10, sum: 10 });
  expect((await api.runs.list.query({ filter: { flow } })).items).toHaveLength(10);

  // What failed stands first, with the first line of its error.
  const failed = page.getByRole("row").filter({ hasText: "Error: no report that day" });
  await expect(failed).toHaveCount(2);
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await expect(failed.first().getByRole("button", { name: /^Rerun run/ })).toBeVisible();

  // One is run again by itself, the other with whatever failed; the history tells both apart.
  await writeFile(markPath(), "");
  await failed
    .first()
    .getByRole("button", { name: /^Rerun run/ })
    .click();
  await page.getByRole("button", { name: "Start rerun" }).click();
  await expect(count(page, "failed")).toHaveText("1", { timeout: 30_000 });
  await page.getByRole("button", { name: "Retry failed" }).click();
  await expect(count(page, "succeeded")).toHaveText("10", { timeout: 30_000 });
  const history = page.getByRole("listitem").filter({ hasText: /operator|The backfill/ });
  await expect(history.filter({ hasText: /^operator reran #\d+ as #\d+/ })).toHaveCount(1);
  await expect(history.filter({ hasText: /^operator retried what failed/ })).toHaveCount(1);
  await expect(history.filter({ hasText: /^The backfill ended/ }).first()).toBeVisible();
  expect(await counts(page)).toEqual({ total: 10, sum: 10 });
  await expect(page.locator("h1 [data-state=succeeded]")).toBeVisible();

  // By keyboard to an interval, and on to the run that it points to now: the retry.
  const cell = page.getByRole("group", { name: /^Map of the intervals/ }).getByRole("link");
  await cell.focus();
  await page.keyboard.press("Home");
  await expect(cell).toHaveAccessibleName(/^2026-01-01: succeeded, run #\d+$/);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await expect(cell).toHaveAccessibleName(/^2026-01-03: succeeded, run #\d+$/);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/runs\/\d+$/);
  await expect(page.getByRole("link", { name: /^Rerun of|^rerun of/i })).toBeVisible();

  // Its page leads back, and the list of runs shows those of the backfill alone.
  const back = page.locator("a[href^='/backfills/']").last();
  const id = (await back.textContent())?.replace("#", "").trim() ?? "";
  await page.goto(`/runs?backfill=${id}`);
  await expect(page.getByRole("button", { name: `Remove filter: backfill #${id}` })).toBeVisible();
  await expect(page.locator("[data-run]")).toHaveCount(12);
  await page.goto("/backfills");
  await expect(page.getByRole("link", { name })).toBeVisible();
});

test("pauses, changes how many run at a time, resumes and is cancelled", async ({ page }) => {
  const slow = "backfill-slow";
  await saveFlow(
    `${slow}.yaml`,
    `id: ${slow}\nname: Slow report\ntasks:\n  wait: { type: shell, run: sleep 1 }\n`,
  );
  const plan = await api.backfills.plan.mutate({
    flow: slow,
    from: "2025-01-01",
    to: "2026-01-01",
    step: "day",
    concurrency: 2,
  });
  await open(page, `/backfills/${plan.id}`);
  await page.getByRole("button", { name: "Start 365 runs" }).click();
  await expect(page.locator("h1 [data-state=running]")).toBeVisible();
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByText(/^Paused by /)).toBeVisible();
  await page.getByLabel("Runs at a time").fill("1");
  await page.getByRole("button", { name: "Set", exact: true }).click();
  await expect(page.getByText("Changed to 1 run at a time.")).toBeVisible();
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.locator("h1 [data-state=running]")).toBeVisible();
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog
    .getByRole("button", { name: "Cancel them as well" })
    .or(dialog.getByRole("button", { name: "Cancel", exact: true }))
    .first()
    .click();
  await expect(page.locator("h1 [data-state=cancelled]")).toBeVisible();
  expect(await counts(page)).toEqual({ total: 365, sum: 365 });
});

test("a plan that has changed is shown anew, and repeats no effects without a reason", async ({
  page,
}) => {
  // Its runs come behind whatever the other stories start by hand.
  test.slow();
  const guarded = "backfill-guarded";
  await saveFlow(
    `${guarded}.yaml`,
    `id: ${guarded}\nname: Mailing\ntasks:\n  send: { type: shell, writes: external, run: 'true' }\n`,
  );
  const plan = await api.backfills.plan.mutate({
    flow: guarded,
    from: "2026-02-01",
    to: "2026-02-03",
    step: "day",
    reprocess: "all",
  });
  await open(page, `/backfills/${plan.id}`);
  const first = plan.rows.items[0]?.interval;
  if (first == null) throw new Error("the plan has no intervals");
  const { id } = await api.runs.create.mutate({
    flow: guarded,
    params: {},
    interval: first,
    idempotencyKey: `guarded-${Date.now()}`,
  });
  await expect.poll(async () => (await api.runs.get.query({ id })).state).toBe("succeeded");
  const start = page.getByRole("button", { name: "Start 2 runs" });
  await start.click();
  await expect(page.getByText("The plan has changed since you saw it.")).toBeVisible();
  await expect(page.getByRole("cell", { name: `run #${id} succeeded` })).toBeVisible();
  await expect(page.getByLabel("Reason")).toBeVisible();
  await start.click();
  await expect(page.getByText("Type why these effects may be repeated.")).toBeVisible();
  await page.getByLabel("Reason").fill("The first letter had a wrong date");
  await start.click();
  await expect(page.locator("h1 [data-state=succeeded]")).toBeVisible({ timeout: 45_000 });
  await expect(page.getByText("Reason: The first letter had a wrong date")).toBeVisible();
});

test("a map of hours shows days, a day its hours, and the calendar what failed among them", async ({
  page,
}) => {
  // On a telephone weeks go down and not across, and fewer hours are a screenful.
  await page.setViewportSize({ width: 390, height: 844 });
  const meter = "backfill-meter";
  await saveFlow(
    `${meter}.yaml`,
    [
      `id: ${meter}`,
      "params: { site: { type: string, default: north } }",
      "schedule:",
      // They have ended: none fires while the story is told, whatever the hour.
      "  - { cron: '0 0 * * *', timezone: UTC, end: 2026-03-01 }",
      "  - { cron: '0 * * * *', timezone: UTC, end: 2026-03-01, params: { site: south } }",
      "tasks:",
      "  read:",
      "    type: wait",
      // Fails at 5 o'clock on the first of each month.
      `    duration: "{{ interval.start | date: '%d%H' | replace: '0105', 'x' | slice: 0 }}ms"`,
      "",
    ].join("\n"),
  );
  await open(page, `/flows/${meter}/backfill`);
  await expect(page.getByLabel("site")).toHaveValue("north");
  await page.getByLabel("Schedule").click();
  await page.getByRole("option", { name: /^Every hour/ }).click();
  await expect(page.getByLabel("site")).toHaveValue("south");
  await page.getByLabel("From").fill("2026-01-01");
  await page.getByLabel("To (not included)").fill("2026-02-15");
  await page.getByLabel("Runs at a time").fill("1");
  await page.getByLabel("Pause after so many failures").fill("1");
  await page.getByRole("button", { name: "Show the plan" }).click();
  await page.getByRole("button", { name: "Start 1,080 runs" }).click();
  await expect(page.locator("h1 [data-state=paused]")).toBeVisible({ timeout: 30_000 });
  expect(await counts(page)).toEqual({ total: 1_080, sum: 1_080 });

  const day = page.getByRole("group", { name: /^Map of the intervals/ }).getByRole("link");
  await day.focus();
  await page.keyboard.press("Home");
  await expect(day).toHaveAccessibleName("2026-01-01: 1 failed, 18 waiting, 5 succeeded");
  await page.keyboard.press("ArrowDown");
  await expect(day).toHaveAccessibleName("2026-01-08: 24 waiting");
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/day=2026-01-01/);
  const hour = page.getByRole("group", { name: "Intervals of 2026-01-01" }).getByRole("link");
  await page.reload();
  await hour.focus();
  await page.keyboard.press("Home");
  for (let hours = 0; hours < 5; hours++) await page.keyboard.press("ArrowRight");
  await expect(hour).toHaveAccessibleName(/^2026-01-01 05:00 UTC: failed, run #\d+$/);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/runs\/\d+$/);

  // The usual parameters are those of the first schedule: nothing has been read there.
  await open(page, `/flows/${meter}?view=calendar&year=2026`);
  await expect(page.getByText("No intervals in 2026")).toBeVisible();
  await page.getByLabel("Parameters").click();
  await page.getByRole("option", { name: "site=south" }).click();
  await expect(page.getByLabel("Intervals", { exact: true })).toHaveText("failed (1)");
  await page.getByRole("link", { name: "Backfill 1 interval" }).click();
  await expect(page.getByText("One interval of 2026 in the state “failed”")).toBeVisible();
  await expect(page.getByLabel("site")).toHaveValue("south");
  await page.getByRole("button", { name: "Show the plan" }).click();
  await expect(page.getByRole("button", { name: "Start 1 run" })).toBeVisible();
});

test("sets of parameters are brought back from an earlier backfill and planned anew", async ({
  page,
}) => {
  const stations = "backfill-stations";
  await saveFlow(
    `${stations}.yaml`,
    `id: ${stations}\nparams: { station: { type: string } }\ntasks: { load: { type: noop } }\n`,
  );
  const sets = [{ station: "seattle" }, { station: "portland" }];
  const plan = await api.backfills.plan.mutate({ flow: stations, sets, concurrency: 2 });
  await open(page, `/backfills/${plan.id}`);
  await page.getByRole("link", { name: "Change" }).click();
  await expect(page.getByLabel("One JSON object on each line")).toHaveValue(
    sets.map((set) => JSON.stringify(set)).join("\n"),
  );
  // Each set brings the parameter that the flow cannot do without.
  await page.getByRole("button", { name: "Show the plan" }).click();
  await expect(page).not.toHaveURL(new RegExp(`/backfill\\?from=${plan.id}`));
  await expect(page.getByRole("button", { name: "Start 2 runs" })).toBeVisible();
});

test("the form says what is wrong, in Korean as well, and axe finds nothing", async ({
  browser,
}) => {
  const context = await browser.newContext({ locale: "ko-KR", colorScheme: "dark" });
  const page = await context.newPage();
  await page.goto(`/flows/${flow}/backfill`);
  await page.getByLabel("동시 실행 수").fill("0");
  await expect(async () => {
    await page.getByRole("button", { name: "계획 보기" }).click();
    await expect(page.getByText("1부터 1000까지의 정수를 입력해 주세요.")).toBeVisible({
      timeout: 1_500,
    });
  }).toPass();
  expect(await violations(page)).toEqual([]);
  await context.close();
});

test("a year with more intervals than fit is read in parts, each drawn from its first week on", async ({
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const crowded = "backfill-parts";
  await saveFlow(`${crowded}.yaml`, `id: ${crowded}\ntasks: { load: { type: noop } }\n`);
  const days = Array.from({ length: 12 }, (_, n) => Date.UTC(2025, 9, 15 + n));
  for (const day of days) {
    const interval = {
      start: new Date(day).toISOString(),
      end: new Date(day + 86_400_000).toISOString(),
    };
    await api.runs.create.mutate({
      flow: crowded,
      params: {},
      interval,
      idempotencyKey: freshKey(),
    });
  }
  // Ten thousand runs are too many for a story: the first part ends early, as a full one does.
  const rest = "2025-10-20";
  await page.route(/flows\.calendar/, async (route) => {
    if (decodeURIComponent(route.request().url()).includes('"since"')) return route.continue();
    const response = await route.fetch();
    const answers = (await response.json()) as { result: { data: FlowCalendar } }[];
    for (const { result } of answers) {
      if (!("starts" in result.data)) continue;
      const count = result.data.starts.filter((at) => at < Date.parse(rest)).length;
      for (const list of ["starts", "ends", "states", "revisions", "runs"] as const) {
        result.data[list].length = count;
      }
      result.data.rest = rest;
    }
    await route.fulfill({ response, json: answers });
  });
  await open(page, `/flows/${crowded}?view=calendar&year=2025`);
  await expect(page.getByText(`those before ${rest} are shown`)).toBeVisible();
  const map = page.getByRole("group", { name: "Intervals of 2025" });
  const day = map.getByRole("link");
  await day.focus();
  await page.keyboard.press("End");
  await expect(day).toHaveAccessibleName(/^2025-10-19: /);
  expect(await violations(page)).toEqual([]);

  await page.getByRole("button", { name: `Go on with ${rest}` }).click();
  await expect(page.getByText(`those from ${rest} on are shown`)).toBeVisible();
  await expect(page).toHaveURL(/since=2025-10-20/);
  await day.focus();
  await page.keyboard.press("Home");
  await expect(day).toHaveAccessibleName(/^2025-10-20: /);
  // A week and no empty weeks of January above it.
  const box = await map.boundingBox();
  expect(box?.height).toBeLessThan(120);
  await page.getByRole("button", { name: "Start of 2025" }).click();
  await expect(page.getByText(`those before ${rest} are shown`)).toBeVisible();
  // The calendar is read again every few seconds: that may be on its way.
  await page.unrouteAll({ behavior: "ignoreErrors" });
});

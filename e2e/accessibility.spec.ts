import { expect, test } from "@playwright/test";
import { violations } from "./axe.ts";
import { api, pressUntil, runToEnd, saveFlow } from "./product.ts";

const flow = "axe-demo";
let failedRun = "";
let planned = "";

test.beforeAll(async () => {
  await saveFlow(
    `${flow}.yaml`,
    [
      `id: ${flow}`,
      "name: Axe demo",
      "tags: [axe]",
      "owner: docs",
      "params:",
      "  who: { type: string, description: Whom to greet }",
      "  often: { type: integer, default: 1, minimum: 1 }",
      "  kind: { enum: [short, long], default: short }",
      "  loud: { type: boolean, default: false }",
      "  days: { type: array, items: { type: string, format: date }, default: ['2012-01-01'] }",
      "tasks:",
      "  good: { type: noop }",
      "  bad: { type: shell, needs: [good], run: 'echo Error: no file >&2; exit 1' }",
      "  after: { type: noop, needs: [bad] }",
      "",
    ].join("\n"),
  );
  await saveFlow("axe-broken.yaml", "id: axe-broken\ntaks: {}\n");
  failedRun = (await runToEnd(flow, { who: "you" })).id;
  const range = { flow, from: "2026-01-01", to: "2026-02-01", step: "day" as const };
  const params = { who: "you" };
  // One that runs: its page of the list shows progress.
  const started = await api.backfills.plan.mutate({ ...range, to: "2026-01-03", params });
  await api.backfills.start.mutate({
    id: started.id,
    planHash: started.hash,
    idempotencyKey: `axe-${Date.now()}`,
  });
  planned = (await api.backfills.plan.mutate({ ...range, params })).id;
});

interface View {
  name: string;
  path: () => string;
  /** Text that shows that the page is there in full. */
  shows: string;
}

const views: View[] = [
  { name: "home", path: () => "/", shows: "Failed in the last 24 hours" },
  { name: "flows", path: () => "/flows", shows: "Files with problems" },
  { name: "flows, none found", path: () => "/flows?q=nothing-like-it", shows: "No flow matches" },
  {
    name: "flows, none archived",
    path: () => "/flows?archived=true&q=zz",
    shows: "No flow matches",
  },
  { name: "grid", path: () => `/flows/${flow}`, shows: "Newest run first." },
  { name: "graph", path: () => `/flows/${flow}?view=graph&task=bad`, shows: "Write mode" },
  { name: "code", path: () => `/flows/${flow}?view=code`, shows: "id: axe-demo" },
  { name: "form of a run", path: () => `/flows/${flow}/run`, shows: "Data interval" },
  {
    name: "run with changes",
    path: () => `/flows/${flow}/run?from=${failedRun}`,
    shows: "Nothing would differ",
  },
  // Of this flow alone: other stories start runs by the dozen meanwhile.
  { name: "runs", path: () => `/runs?flow=${flow}`, shows: "Axe demo" },
  { name: "run", path: () => `/runs/${failedRun}`, shows: "Error: no file" },
  { name: "backfills", path: () => `/backfills?flow=${flow}`, shows: "Axe demo" },
  { name: "planned backfill", path: () => `/backfills/${planned}`, shows: "has no run yet" },
  // Other stories start some meanwhile: none is older than the first.
  { name: "bulk actions, none", path: () => "/runs/bulk?before=1", shows: "See runs" },
  {
    name: "calendar",
    path: () => `/flows/${flow}?view=calendar&year=2026`,
    shows: "Point at an interval",
  },
  { name: "form of a backfill", path: () => `/flows/${flow}/backfill`, shows: "Show the plan" },
  { name: "runners", path: () => "/runners", shows: "Heartbeat" },
  { name: "queue", path: () => "/queue", shows: "What waits and why" },
  { name: "no such page", path: () => "/nowhere", shows: "There is nothing here" },
  { name: "no such flow", path: () => "/flows/nowhere", shows: "There is no such flow" },
];

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    for (const view of views) {
      test(`axe finds nothing on ${view.name}`, async ({ page }) => {
        await page.goto(view.path());
        await expect(page.getByText(view.shows).filter({ visible: true }).first()).toBeVisible();
        expect(await violations(page)).toEqual([]);
      });
    }

    test("axe finds nothing in a form with errors", async ({ page }) => {
      await page.goto(`/flows/${flow}/run`);
      await page.getByRole("button", { name: "Run", exact: true }).click();
      await expect(page.getByText("This parameter must be given.")).toBeVisible();
      expect(await violations(page)).toEqual([]);
    });

    test("axe finds nothing in the palette and the display menu", async ({ page }) => {
      await page.goto("/flows");
      const input = page.getByRole("dialog").getByRole("combobox");
      await pressUntil(page, "Control+k", () => input.isVisible());
      await expect(page.getByRole("option", { name: "Axe demo" }).first()).toBeVisible();
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Display settings" }).click();
      await expect(page.getByRole("menuitemradio", { name: "Dark" })).toBeVisible();
      expect(await violations(page)).toEqual([]);
    });

    test("axe finds nothing while the server does not answer, and the data stays", async ({
      page,
    }) => {
      // The page asks three times before it says so.
      test.slow();
      await page.goto("/runners");
      await expect(page.getByRole("row")).not.toHaveCount(0);
      await page.route("**/api/trpc/runners.list*", (route) => route.abort());
      await expect(page.getByText("The server does not answer.")).toBeVisible({ timeout: 20_000 });
      await expect(page.getByRole("row").nth(1)).toBeVisible();
      expect(await violations(page)).toEqual([]);
      await expect(page.getByRole("button", { name: "Retry" })).toBeEnabled();
      await page.unroute("**/api/trpc/runners.list*");
      await expect(page.getByText("The server does not answer.")).toBeHidden();
    });
  });
}

test("everything is reached by keyboard: from the first Tab to a run", async ({ page }) => {
  await page.goto(`/flows/${flow}/run`);
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to content" });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press("Enter");
  await expect(page.locator("#content")).toBeFocused();
  const who = page.getByRole("textbox", { name: "who" });
  for (let presses = 0; presses < 10; presses++) {
    if (await who.evaluate((element) => element === document.activeElement)) break;
    await page.keyboard.press("Tab");
  }
  await expect(who).toBeFocused();
  await page.keyboard.type("keyboard");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/runs\/\d+/);
});

test("arrow keys move in the grid and Enter opens the task", async ({ page }) => {
  const id = `grid-keys-${Date.now()}`;
  await saveFlow(
    `${id}.yaml`,
    `id: ${id}\ntasks:\n  one: { type: noop }\n  two: { type: noop, needs: [one] }\n`,
  );
  const older = await runToEnd(id);
  await runToEnd(id);
  await page.goto(`/flows/${id}`);
  const inOrder = page.locator("[data-cell][tabindex='0']");
  await expect(inOrder).toHaveCount(1);
  await inOrder.focus();
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("link", { name: `two in run ${older.id}: succeeded` })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`/runs/${older.id}?task=two`);
});

test("focus returns from a menu to its button", async ({ page }) => {
  await page.goto("/flows");
  const button = page.getByRole("button", { name: "Display settings" });
  await button.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("menuitemradio", { name: "Dark" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(button).toBeFocused();
});

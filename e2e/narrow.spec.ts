import { expect, test } from "@playwright/test";
import { runToEnd, saveFlow } from "./product.ts";
import { runsOf } from "./run-control.ts";

const flow = "narrow-demo";

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

test.setTimeout(90_000);

test.beforeAll(async () => {
  await saveFlow(
    `${flow}.yaml`,
    [
      `id: ${flow}`,
      "name: Narrow demo",
      "tasks:",
      "  fine: { type: noop }",
      "  breaks:",
      "    type: shell",
      "    needs: [fine]",
      "    run: |",
      `      seq -f 'row %g of a file whose lines take more than one row on a narrow screen' 1 3000`,
      "      echo 'Error: it does not fit' >&2",
      "      exit 2",
      "",
    ].join("\n"),
  );
});

test("at 390 px: see a failure, read its log, rerun it", async ({ page }) => {
  const { id } = await runToEnd(flow);
  await page.goto("/runs?state=failed");
  // Five places at most have room; the others are in a menu.
  const bar = page.getByRole("navigation", { name: "Main navigation" });
  await expect(bar.locator("a:visible, button:visible")).toHaveCount(5);
  await bar.getByRole("button", { name: "More" }).tap();
  await expect(page.getByRole("menuitem", { name: "Backfills" })).toBeVisible();
  await page.keyboard.press("Escape");
  const row = page.locator(`[data-run="${id}"]`);
  await expect(row).toContainText("Error: it does not fit");
  await row.getByRole("link", { name: "Narrow demo" }).tap();

  await expect(page.getByRole("heading", { level: 1 })).toContainText("failed");
  await expect(page.getByRole("region", { name: "First error" })).toContainText(
    "Error: it does not fit",
  );
  // The log comes before the graph, at its error, within the width of the screen.
  const line = page.locator("[data-error]");
  await expect(line).toBeVisible();
  // It scrolls in its frame, with the lines in view alone, as on a wide screen.
  expect(await page.locator("[data-index]").count()).toBeLessThanOrEqual(150);
  await line.scrollIntoViewIfNeeded();
  await expect(line).toBeInViewport();
  const panel = page.getByRole("region", { name: "Task breaks" });
  const graph = page.getByRole("region", { name: "Graph of 2 tasks" });
  const [log, below] = await Promise.all([panel.boundingBox(), graph.boundingBox()]);
  expect((log?.y ?? 0) + (log?.height ?? 0)).toBeLessThanOrEqual(below?.y ?? 0);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);

  await page.getByRole("button", { name: "Rerun", exact: true }).tap();
  const start = page.getByRole("button", { name: "Start rerun" });
  await expect(start).toBeInViewport();
  await expect(page.getByText("1 task runs")).toBeVisible();
  await start.tap();
  await expect(page.getByRole("link", { name: `Rerun of #${id}` })).toBeVisible();
  expect((await runsOf(flow))[0]?.parent).toBe(id);
});

import { expect, test } from "@playwright/test";
import { runToEnd, saveFlow } from "./product.ts";

const flow = "places-demo";
const other = "places-other";
let failed = "";

test.setTimeout(90_000);

test.beforeAll(async () => {
  await saveFlow(
    `${flow}.yaml`,
    [
      `id: ${flow}`,
      "params:",
      "  n: { type: integer, default: 0 }",
      "tasks:",
      "  talk: { type: shell, run: 'seq 1 400' }",
      "  bad: { type: shell, run: 'echo Error: {{ params.n }} >&2; exit 1' }",
      "",
    ].join("\n"),
  );
  await saveFlow(`${other}.yaml`, `id: ${other}\ntasks:\n  one: { type: noop }\n`);
  failed = (await runToEnd(flow, { n: 1 })).id;
  await runToEnd(flow, { n: 2 });
  // Enough rows that the list can be scrolled.
  for (let i = 0; i < 25; i++) await runToEnd(other);
});

test("filters stand in the address and survive Reload and Back", async ({ page }) => {
  await page.goto(`/runs?flow=${flow}`);
  const rows = page.getByRole("list", { name: "Runs" }).getByRole("listitem");
  await expect(rows).toHaveCount(2);
  await page.getByRole("button", { name: "failed", exact: true }).click();
  await expect(page).toHaveURL(`/runs?flow=${flow}&state=failed`);
  await expect(rows).toHaveCount(2);
  await page.getByRole("button", { name: "More filters" }).click();
  await page.getByRole("textbox", { name: "Parameter" }).fill("n=1");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await expect(rows).toHaveCount(1);
  const address = page.url();
  expect(address).toContain("param=n");

  await page.reload();
  await expect(rows).toHaveCount(1);
  await expect(page.getByRole("button", { name: "failed", exact: true })).toHaveAttribute(
    "aria-pressed",
    "true",
  );
  await page.getByRole("link", { name: flow }).click();
  await expect(page).toHaveURL(`/runs/${failed}`);
  await page.goBack();
  await expect(page).toHaveURL(address);
  await expect(rows).toHaveCount(1);
  await page.goBack();
  await expect(rows).toHaveCount(2);
  await page.getByRole("button", { name: "Clear all" }).click();
  await expect(page).toHaveURL("/runs");
});

test("the place scrolled to in the list survives Reload and Back", async ({ page }) => {
  await page.setViewportSize({ width: 1200, height: 500 });
  await page.goto(`/runs?flow=${other}`);
  const row = page.getByRole("list", { name: "Runs" }).getByRole("listitem").nth(18);
  await row.scrollIntoViewIfNeeded();
  const scrolled = await page.evaluate(() => window.scrollY);
  expect(scrolled).toBeGreaterThan(100);
  const near = () => page.evaluate((y) => Math.abs(window.scrollY - y), scrolled);
  await page.reload();
  await expect.poll(near).toBeLessThan(5);
  await row.getByRole("link").click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("succeeded");
  await page.goBack();
  await expect.poll(near).toBeLessThan(5);
});

test("tab, task, attempt and lines of a run survive Reload and Back", async ({ page }) => {
  await page.goto(`/runs/${failed}`);
  await page.getByRole("tab", { name: "Logs" }).click();
  await page.getByRole("button", { name: /^talk/ }).click();
  await expect(page).toHaveURL(`/runs/${failed}?tab=logs&task=talk`);
  const line = (n: number) => page.locator(`[data-line="${n}"]`);
  await line(3).getByRole("link", { name: "3", exact: true }).click();
  await line(6)
    .getByRole("link", { name: "6", exact: true })
    .click({ modifiers: ["Shift"] });
  await expect(page).toHaveURL(`/runs/${failed}?tab=logs&task=talk#L3-L6`);
  await expect(page.locator("[data-marked]")).toHaveCount(4);

  await page.reload();
  await expect(page.getByRole("tab", { name: "Logs" })).toHaveAttribute("aria-selected", "true");
  await expect(page.locator("[data-marked]")).toHaveCount(4);
  await page.getByRole("tab", { name: "Manifest" }).click();
  await expect(page.getByText("computed just now, equals the identity")).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("tab", { name: "Logs" })).toHaveAttribute("aria-selected", "true");
  await expect(page.getByRole("region", { name: "Task talk" })).toBeVisible();
});

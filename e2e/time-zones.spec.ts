import { expect, type Page, test } from "@playwright/test";
import { runToEnd, saveFlow } from "./product.ts";

const flow = "zone-demo";

test.use({ timezoneId: "Asia/Seoul" });

test.beforeAll(async () => {
  await saveFlow(
    `${flow}.yaml`,
    `id: ${flow}\nname: Zone demo\nschedule: { cron: "0 2 * * *", timezone: America/St_Johns }\ntasks:\n  one: { type: noop }\n`,
  );
  await runToEnd(flow);
});

const choose = async (page: Page, zone: string) => {
  await page.getByRole("button", { name: "Display settings" }).click();
  await page.getByRole("menuitemradio", { name: new RegExp(`^${zone}`) }).click();
};

test("times show their offset, and one switch changes them all", async ({ page }) => {
  await page.goto("/flows");
  const time = page
    .getByRole("row", { name: /Zone demo/ })
    .locator("time")
    .first();
  await expect(time).toContainText("+09:00");
  const instant = (await time.getAttribute("datetime")) ?? "";

  await choose(page, "UTC");
  await expect(time).toContainText("UTC");
  await expect(time).toContainText(instant.slice(11, 16));
  await expect(page).toHaveURL("/flows?tz=utc");

  await choose(page, "Local");
  await expect(time).toContainText("+09:00");
  await expect(time).toHaveAttribute("title", /\+09:00 \(Asia\/Seoul\)/);
});

test("the flow's zone is used where the page is about a flow", async ({ page }) => {
  await page.goto(`/flows/${flow}?tz=flow`);
  await page.locator("[data-cell]").first().focus();
  await expect(page.locator("time").filter({ visible: true }).first()).toContainText(/-0[23]:30/);
});

test("the choice survives a reload by the URL and another page by the cookie", async ({ page }) => {
  await page.goto("/flows");
  await choose(page, "UTC");
  await page.reload();
  const time = page
    .getByRole("row", { name: /Zone demo/ })
    .locator("time")
    .first();
  await expect(time).toContainText("UTC");
  await page.goto("/runners");
  await expect(page.locator("time").first()).toContainText("UTC");
});

test("the first paint of a second visit already shows local times", async ({ page }) => {
  await page.goto("/flows");
  await expect(page.locator("time").first()).toContainText("+09:00");
  const html = await (await page.request.get("/flows")).text();
  expect(html).toContain("+09:00");
});

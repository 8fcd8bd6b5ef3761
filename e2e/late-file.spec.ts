import { mkdir } from "node:fs/promises";
import { expect, type Page, test } from "@playwright/test";
import { api } from "./product.ts";
import { removeData, writeData } from "./run-control.ts";

/** Folder for README's picture; `npm run pictures` sets it. */
const pictures = process.env.IDEM_PICTURES;
if (pictures !== undefined) {
  test.use({ viewport: { width: 1440, height: 1000 }, deviceScaleFactor: 2 });
}

async function picture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  await mkdir(pictures, { recursive: true });
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.screenshot({ path: `${pictures}/${name}.png`, animations: "disabled" });
}

test.setTimeout(90_000);

test("a file is late: the run fails, says why, and is rerun green once the file is there", async ({
  page,
}) => {
  await removeData("incoming/orders.csv");

  await page.goto("/flows");
  await page.getByRole("link", { name: "Late file", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Late file" })).toBeVisible();
  await page.getByRole("link", { name: "Run", exact: true }).first().click();
  await page.getByRole("button", { name: "Run", exact: true }).click();

  // The page of the run follows it to its end without a reload.
  await expect(page).toHaveURL(/\/runs\/\d+$/);
  const failed = /\/runs\/(\d+)/.exec(page.url())?.[1] ?? "";
  const heading = page.getByRole("heading", { level: 1 });
  await expect(heading).toContainText("failed");

  // Why: the first error line, on top and in the log, of the first failed task.
  const why = page.getByRole("region", { name: "First error" });
  await expect(why).toContainText("Find the file failed");
  await expect(why).toContainText("ERROR: incoming/orders.csv has not arrived yet.");
  const panel = page.getByRole("region", { name: "Task Find the file" });
  await expect(panel).toContainText("The command ended with exit code 1.");
  await expect(panel.locator("[data-error]")).toContainText(
    "ERROR: incoming/orders.csv has not arrived yet.",
  );
  const box = (task: string) => page.locator(`[data-dag-box="${task}"]`);
  await expect(box("open-the-books")).toHaveAttribute("data-state", "succeeded");
  await expect(box("find-file")).toHaveAttribute("data-state", "failed");
  await expect(box("check-rows")).toHaveAttribute("data-state", "upstream_failed");
  await picture(page, "run-failed");

  await writeData("incoming/orders.csv", "order,amount\n1,19.90\n2,5.10\n");

  await page.getByRole("button", { name: "Rerun", exact: true }).click();
  const plan = page.getByRole("dialog", { name: `Rerun #${failed}` });
  await expect(plan.getByText(`Identical to #${failed}`, { exact: false })).toBeVisible();
  await expect(plan.getByRole("listitem").filter({ hasText: "Open the books" })).toContainText(
    "reuse",
  );
  await expect(
    plan.getByRole("listitem").filter({ hasText: "Find the file" }).first(),
  ).toContainText("failed before");
  await plan.getByRole("button", { name: "Start rerun" }).click();

  await expect(page).not.toHaveURL(new RegExp(`/runs/${failed}(\\?|$)`));
  await expect(heading).toContainText("succeeded");
  await expect(page.getByRole("link", { name: `Rerun of #${failed}` })).toBeVisible();
  await expect(page.getByText(`identical to #${failed}`)).toBeVisible();
  await expect(box("open-the-books")).toHaveAttribute("data-state", "reused");
  await expect(box("publish")).toHaveAttribute("data-state", "succeeded");

  const rerun = /\/runs\/(\d+)/.exec(page.url())?.[1] ?? "";
  const [before, after] = await Promise.all([
    api.runs.get.query({ id: failed }),
    api.runs.get.query({ id: rerun }),
  ]);
  expect(after.params).toEqual(before.params);
  expect(after.identity).toBe(before.identity);
  expect(after.revisionHash).toBe(before.revisionHash);
  expect(after.parent).toBe(failed);
  expect(before.state).toBe("failed");

  await page.goto("/runs?flow=late-file");
  await expect(page.getByRole("link", { name: "Late file" }).first()).toBeVisible();
});

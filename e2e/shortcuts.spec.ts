import { expect, test } from "@playwright/test";
import { api, pressUntil, runToEnd, saveFlow } from "./product.ts";

test.beforeAll(async () => {
  for (const name of ["shortcuts-a", "shortcuts-b"]) {
    await saveFlow(
      `${name}.yaml`,
      `id: ${name}\ntags: [shortcuts]\ntasks:\n  one: { type: noop }\n`,
    );
  }
  await saveFlow(
    "shortcuts-fails.yaml",
    "id: shortcuts-fails\ntasks:\n  breaks: { type: shell, run: 'echo no good >&2; exit 3' }\n",
  );
});

test("? lists the shortcuts of the page and of every page", async ({ page }) => {
  await page.goto("/flows");
  await expect(page.getByRole("heading", { name: "Flows", exact: true })).toBeVisible();
  const list = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await pressUntil(page, "?", () => list.isVisible());
  await expect(list.getByRole("heading", { name: "On this page" })).toBeVisible();
  for (const text of ["Next row", "Previous row", "Search and jump", "List of shortcuts"]) {
    await expect(list.getByText(text, { exact: true })).toBeVisible();
  }
  await page.keyboard.press("Escape");
  await expect(list).toBeHidden();
});

test("J and K move through rows, also on a Hangul layout, and Enter opens", async ({ page }) => {
  await page.goto("/flows?tag=shortcuts");
  const first = page.getByRole("link", { name: "shortcuts-a", exact: true });
  const second = page.getByRole("link", { name: "shortcuts-b", exact: true });
  await expect(second).toBeVisible();
  const focused = () => first.evaluate((element) => element === document.activeElement);
  await pressUntil(page, "j", focused);
  const hangul = (key: string, code: string) =>
    page.evaluate(
      ([k, c]) =>
        document.activeElement?.dispatchEvent(
          new KeyboardEvent("keydown", { key: k, code: c, bubbles: true, cancelable: true }),
        ),
      [key, code] as const,
    );
  await hangul("ㅓ", "KeyJ");
  await expect(second).toBeFocused();
  await hangul("ㅏ", "KeyK");
  await expect(first).toBeFocused();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL("/flows/shortcuts-b");
});

test("/ searches, Escape leaves the field, and keys typed there are text", async ({ page }) => {
  await page.goto("/flows");
  const search = page.getByRole("searchbox", { name: "Filter flows" });
  await expect(search).toBeVisible();
  const focused = () => search.evaluate((element) => element === document.activeElement);
  await pressUntil(page, "/", focused);
  await page.keyboard.type("shortcuts-j?k");
  await expect(search).toHaveValue("shortcuts-j?k");
  await page.keyboard.press("Escape");
  await expect(search).not.toBeFocused();
});

test("R opens the rerun plan of the failure in focus and starts nothing", async ({ page }) => {
  const failed = await runToEnd("shortcuts-fails");
  expect(failed.state).toBe("failed");
  await page.goto("/");
  const row = page.locator(`[data-row="${failed.id}"]`);
  await expect(row).toBeVisible();
  const plan = page.getByRole("dialog", { name: `Rerun #${failed.id}` });
  await row.focus();
  await pressUntil(page, "r", () => plan.isVisible());
  await expect(plan.getByText("breaks", { exact: true })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(plan).toBeHidden();
  await expect(row).toBeFocused();
  expect((await api.runs.get.query({ id: failed.id })).reruns).toEqual([]);
});

import { expect, test } from "@playwright/test";
import { api, removeFlow, runToEnd, saveFlow } from "./product.ts";

const flow = "bulk-report";

test.beforeAll(async () => {
  await saveFlow(
    `${flow}.yaml`,
    [
      `id: ${flow}`,
      "name: Bulk report",
      "params:",
      "  day: { type: integer, default: 1 }",
      "tasks:",
      "  extract: { type: noop }",
      "  load:",
      "    type: shell",
      "    needs: [extract]",
      '    run: test -e "$IDEM_DATA/arrived"',
      "",
    ].join("\n"),
  );
});

test.afterAll(async () => {
  await removeFlow(`${flow}.yaml`);
});

test("what failed overnight is rerun at once: counted, done once, listed by run", async ({
  page,
}) => {
  await Promise.all(Array.from({ length: 6 }, (_, day) => runToEnd(flow, { day })));
  await page.goto(`/runs?flow=${flow}&state=failed`);
  const open = async () => {
    await page.getByRole("button", { name: "All that match" }).click();
    await page.getByRole("menuitem", { name: "Rerun all that match…" }).click();
  };
  const dialog = page.getByRole("dialog", { name: "Rerun all that match" });
  await expect(async () => {
    if (!(await dialog.isVisible())) await open();
    await expect(dialog).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await expect(dialog.getByText("6 ended runs match the filter.")).toBeVisible();

  // Nothing that came after the count is acted upon, so that a late run changes nothing.
  await runToEnd(flow, { day: 99 });
  await dialog.getByRole("button", { name: "Rerun 6 runs" }).dblclick();
  await expect(page).toHaveURL(/\/runs\/bulk\/\d+$/);
  await expect(page.getByText("All 6 runs are dealt with")).toBeVisible();
  const results = page.getByRole("list", { name: "Runs" }).getByRole("listitem");
  await expect(results).toHaveCount(6);
  await expect(results.getByRole("link", { name: /^Run #\d+$/ })).toHaveCount(6);
  const { items } = await api.runs.list.query({ filter: { flow, trigger: ["rerun"] }, limit: 50 });
  expect(items).toHaveLength(6);
  expect(new Set(items.map(({ parent }) => parent)).size).toBe(6);

  await page.getByRole("button", { name: /^skipped 0$/ }).click();
  await expect(page.getByText("No run with this result")).toBeVisible();
  await expect(page).toHaveURL(/state=skipped/);
  await page.getByRole("button", { name: /^rerun 6$/ }).click();
  await results
    .first()
    .getByRole("link", { name: /^Run #/ })
    .click();
  await expect(page.getByText(/^identical to #\d+/).first()).toBeVisible();
});

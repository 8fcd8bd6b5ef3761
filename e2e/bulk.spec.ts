import { expect, type Page, test } from "@playwright/test";
import { expectAccessible, violations } from "./axe.ts";
import { api, freshKey, pressUntil, removeFlow, runToEnd, saveFlow } from "./product.ts";

const flow = "bulk-report";
const held = "bulk-held";

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
  await saveFlow(
    `${held}.yaml`,
    `id: ${held}\nname: Held\ntasks:\n  rest: { type: wait, duration: 1h }\n`,
  );
});

test.afterAll(async () => {
  await removeFlow(`${flow}.yaml`);
  await removeFlow(`${held}.yaml`);
});

/** Opens the dialog of a bulk action from the list: before the page has come alive nobody listens. */
async function openDialog(page: Page, verb: "Rerun" | "Cancel") {
  const dialog = page.getByRole("dialog", { name: `${verb} all that match` });
  await expect(async () => {
    if (!(await dialog.isVisible())) {
      await page.getByRole("button", { name: "All that match" }).click();
      await page.getByRole("menuitem", { name: `${verb} all that match…` }).click();
    }
    await expect(dialog).toBeVisible({ timeout: 1_000 });
  }).toPass();
  return dialog;
}

test("what failed overnight is rerun at once: counted, done once, listed by run", async ({
  page,
}) => {
  await Promise.all(Array.from({ length: 6 }, (_, day) => runToEnd(flow, { day })));
  await page.goto(`/runs?flow=${flow}&state=failed`);
  const dialog = await openDialog(page, "Rerun");
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

  const filter = page.getByRole("link", { name: `${flow} failed` });
  await expect(filter).toHaveAttribute("href", `/runs?flow=${flow}&state=failed`);
  await expectAccessible(page);

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

test("a count that has become stale is refused and shown anew; confirmed, all are cancelled", async ({
  page,
}) => {
  const ids = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const order = { flow: held, params: {}, idempotencyKey: freshKey() };
      return (await api.runs.create.mutate(order)).id;
    }),
  );
  await page.goto(`/runs?flow=${held}`);
  const dialog = await openDialog(page, "Cancel");
  await expect(dialog.getByText("4 live runs match the filter.")).toBeVisible();
  const [first, ...rest] = ids;
  await api.runs.cancel.mutate({ id: first ?? "" });
  const stateOf = async (id: string) => (await api.runs.get.query({ id })).state;
  await expect.poll(() => stateOf(first ?? "")).toBe("cancelled");

  await dialog.getByRole("button", { name: "Cancel 4 runs" }).click();
  await expect(dialog.getByText("Other runs match by now.")).toBeVisible();
  await expect(dialog.getByText("3 live runs match the filter.")).toBeVisible();
  // Nothing was done with the number that was wrong.
  expect(await Promise.all(rest.map(stateOf))).not.toContain("cancelled");
  expect(await violations(page)).toEqual([]);

  await dialog.getByRole("textbox", { name: "Reason" }).fill("not needed any more");
  await dialog.getByRole("button", { name: "Cancel 3 runs" }).click();
  await expect(page).toHaveURL(/\/runs\/bulk\/\d+$/);
  await expect(page.getByText("All 3 runs are dealt with")).toBeVisible();
  await expect(page.getByText("not needed any more")).toBeVisible();
  await expect(page.getByRole("button", { name: /^cancelled 3$/ })).toBeVisible();
  for (const id of rest) await expect.poll(() => stateOf(id)).toBe("cancelled");

  // The palette leads to the list of all of them, and the list back to this one.
  const palette = page.getByRole("dialog", { name: "Search and jump" });
  await pressUntil(page, "Control+k", () => palette.getByRole("combobox").isVisible());
  await palette.getByRole("combobox").fill("bulk");
  await palette.getByRole("option", { name: "Bulk actions" }).click();
  await expect(page).toHaveURL("/runs/bulk");
  await expect(page.getByRole("heading", { level: 1, name: "Bulk actions" })).toBeVisible();
  const row = page.getByRole("listitem").filter({ hasText: held }).first();
  await expect(row).toContainText("finished");
  await expect(row).toContainText("3 cancelled");
  await expectAccessible(page);
  await row.getByRole("link", { name: "Cancellation of 3 runs" }).click();
  await expect(page.getByText("All 3 runs are dealt with")).toBeVisible();
  const crumbs = page.getByRole("navigation", { name: "Breadcrumbs" });
  await expect(crumbs.getByRole("link", { name: "Bulk actions" })).toBeVisible();
});

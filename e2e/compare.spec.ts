import { expect, test } from "@playwright/test";
import { expectAccessible } from "./axe.ts";
import { api, freshKey, runToEnd, saveFlow } from "./product.ts";

const flow = "compare-demo";

test.beforeAll(async () => {
  await saveFlow(
    `${flow}.yaml`,
    [
      `id: ${flow}`,
      "name: Compare demo",
      "params: { rest: { type: number, default: 0 } }",
      "tasks:",
      '  rest: { type: shell, run: "sleep {{ params.rest }}" }',
      "  done: { type: noop, needs: [rest] }",
      "",
    ].join("\n"),
  );
});

test("two rows of the list are compared: parameters, identity, and which task took longer", async ({
  page,
}) => {
  const quick = await runToEnd(flow);
  const slow = await runToEnd(flow, { rest: 0.6 });
  await page.goto(`/runs?flow=${flow}`);
  await page.getByRole("button", { name: `Compare #${slow.id} with another run` }).click();
  await expect(page.getByText(`Choose a second run to compare with #${slow.id}.`)).toBeVisible();
  await page.getByRole("button", { name: `Compare #${quick.id} with another run` }).click();

  await expect(page).toHaveURL(`/runs/compare?a=${quick.id}&b=${slow.id}`);
  await expect(
    page.getByRole("heading", { level: 1, name: `Compare #${quick.id} with #${slow.id}` }),
  ).toBeVisible();
  await expect(page.locator('[data-verdict="different"]')).toContainText("differs in 1 place");
  await expect(page.getByText("params › rest")).toBeVisible();
  await expect(page.locator('[data-task="rest"]')).toContainText(/\+\d/);
  await expect(page.getByText("Both runs executed the same revision.")).toBeVisible();

  await page.getByRole("link", { name: "Swap sides" }).click();
  await expect(page).toHaveURL(`/runs/compare?a=${slow.id}&b=${quick.id}`);
  await expect(page.locator('[data-task="rest"]')).toContainText(/−\d/);

  await expectAccessible(page);
});

test("a rerun leads to its comparison with its parent, which is identical", async ({ page }) => {
  const run = await runToEnd(flow);
  const plan = await api.runs.rerunPlan.query({ id: run.id, scope: "all" });
  const again = await api.runs.rerun.mutate({
    id: run.id,
    scope: "all",
    planHash: plan.hash,
    idempotencyKey: freshKey(),
  });
  await page.goto(`/runs/${again.id}`);
  await page.getByRole("link", { name: `Compare with #${run.id}` }).click();
  await expect(page.locator('[data-verdict="identical"]')).toContainText("the same identity");
  await page.getByRole("button", { name: `Rerun #${again.id}` }).click();
  await expect(page.getByRole("button", { name: "Start rerun" })).toBeVisible();
});

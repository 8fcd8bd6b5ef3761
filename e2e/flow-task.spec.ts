import { expect, test } from "@playwright/test";
import { runToEnd, saveFlow } from "./product.ts";

test.setTimeout(60_000);

test("a flow runs another: each of the two runs leads to the other", async ({ page }) => {
  await saveFlow("called.yaml", "id: e2e-called\ntasks:\n  only: { type: noop }\n");
  await saveFlow(
    "caller.yaml",
    "id: e2e-caller\ntasks:\n  hand-over: { type: flow, flow: e2e-called }\n",
  );
  const caller = await runToEnd("e2e-caller");
  const [call] = caller.calls;
  expect(call).toMatchObject({ flow: "e2e-called", task: "hand-over", state: "succeeded" });

  await page.goto(`/runs/${caller.id}`);
  await page
    .getByRole("link", { name: `hand-over e2e-called #${call?.run} succeeded` })
    .first()
    .click();
  await expect(page).toHaveURL(new RegExp(`/runs/${call?.run}$`));
  await page.getByRole("link", { name: `Task hand-over of e2e-caller #${caller.id}` }).click();
  await expect(page).toHaveURL(new RegExp(`/runs/${caller.id}\\?task=hand-over`));
  const panel = page.getByRole("region", { name: "Task hand-over" });
  await expect(
    panel.getByRole("link", { name: `e2e-called #${call?.run} succeeded` }),
  ).toBeVisible();

  await page.goto("/runs?trigger=flow&flow=e2e-called");
  await expect(page.getByRole("link", { name: "e2e-called", exact: true }).first()).toBeVisible();
});

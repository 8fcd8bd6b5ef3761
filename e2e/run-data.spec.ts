import { expect, test } from "@playwright/test";
import { runToEnd, saveFlow } from "./product.ts";

const flow = "data-of-tasks";
const write = (text: string) =>
  `{ type: script, language: node, code: 'import { writeFileSync } from "node:fs"; writeFileSync(process.env.IDEM_OUTPUT, JSON.stringify("${text}"))' }`;

/** Outputs as JSON: the same words stand in the code of the tasks as well. */
const ofFirst = '"made by the first"';
const exact = { exact: true };

test("the data of one task never stands under the name of another", async ({ page }) => {
  await saveFlow(
    `${flow}.yaml`,
    [
      `id: ${flow}`,
      "tasks:",
      `  first: ${write("made by the first").replace("{ ", "{ name: Count, ")}`,
      `  second: ${write("made by the second").replace("{ ", "{ name: Add up, needs: [first], ")}`,
      "",
    ].join("\n"),
  );
  const { id, state } = await runToEnd(flow);
  expect(state).toBe("succeeded");
  // The second task's data is kept back for as long as the story needs.
  let letGo = () => {};
  const kept = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await page.route(
    (url) => /runs\.io/.test(url.pathname) && decodeURIComponent(url.search).includes('"second"'),
    async (route) => {
      await kept;
      await route.continue();
    },
  );
  await page.goto(`/runs/${id}?task=first&tab=io`);
  const first = page.getByRole("region", { name: "Task Count" });
  await expect(first.getByText(ofFirst, exact)).toBeVisible();
  const asked = page.waitForRequest(
    (request) =>
      /runs\.io/.test(request.url()) && decodeURIComponent(request.url()).includes('"second"'),
  );
  await page.getByRole("button", { name: /^Add up/ }).click();
  await asked;
  const second = page.getByRole("region", { name: "Task Add up" });
  await expect(second.getByRole("heading", { name: "Add up" })).toBeVisible();
  await expect(page.getByText(ofFirst, exact)).toHaveCount(0);

  letGo();
  await expect(second.getByText('"made by the second"', exact)).toBeVisible();
  // What it was given by the other task, which is called by its name.
  const inputs = second.getByRole("heading", { name: /^Count/ });
  await expect(inputs).toContainText("first");
  await expect(second.getByText(ofFirst, exact)).toBeVisible();
});

test("a list that cannot be loaded does not say that it is empty", async ({ page }) => {
  test.slow();
  await runToEnd(flow);
  await page.goto(`/runs?flow=${flow}`);
  await expect(page.getByRole("listitem").filter({ hasText: flow }).first()).toBeVisible();
  await page.route("**/api/trpc/runs.list*", (route) => route.abort());
  // Pressed before the page listens it has no effect.
  const failed = page.getByRole("button", { name: "failed", exact: true });
  await expect(async () => {
    if ((await failed.getAttribute("aria-pressed")) !== "true") await failed.click();
    await expect(failed).toHaveAttribute("aria-pressed", "true", { timeout: 1_500 });
  }).toPass();
  await expect(page.getByText("This could not be loaded.")).toBeVisible({ timeout: 20_000 });
  await expect(page.getByText("No run matches")).toBeHidden();
  await page.unroute("**/api/trpc/runs.list*");
  await page.getByRole("button", { name: "Retry" }).click();
  await expect(page.getByText("No run matches")).toBeVisible();
});

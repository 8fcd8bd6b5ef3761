import { expect, type Page, test } from "@playwright/test";
import { isRunEnded } from "#server/core/run/states.ts";
import { violations } from "./axe.ts";
import { api, freshKey, removeFlow, saveFlow } from "./product.ts";

const flow = "full-pool";
const pool = "e2e-narrow";

test.beforeAll(async () => {
  await saveFlow(
    `${flow}.yaml`,
    [
      `id: ${flow}`,
      "name: Full pool",
      `defaults: { pool: ${pool} }`,
      "tasks:",
      "  first: { type: shell, run: 'sleep 120' }",
      "  second: { type: shell, run: echo done }",
      "",
    ].join("\n"),
  );
});
test.afterAll(() => removeFlow(`${flow}.yaml`));

const row = (page: Page) => page.getByRole("row").filter({ hasText: pool });

test("a full pool: why a task waits, more slots, and it goes on", async ({ page }) => {
  await api.pools.set.mutate({ pool, slots: 1 });
  const { id } = await api.runs.create.mutate({ flow, params: {}, idempotencyKey: freshKey() });
  await page.goto(`/runs/${id}?task=second`);
  const why = page.getByText(`The pool ${pool} is full: 1 of 1 slot in use.`);
  await expect(why).toBeVisible();
  await page.getByRole("link", { name: "See queue" }).click();

  await expect(page).toHaveURL("/queue");
  await expect(why).toBeVisible();
  await expect(row(page).getByText("1 of 1 slots in use")).toBeAttached();
  await expect(page.getByRole("link", { name: `Full pool #${id} second` })).toBeVisible();
  expect(await violations(page)).toEqual([]);

  const edit = page.getByRole("button", { name: `Edit the slots of pool ${pool}` });
  await edit.click();
  const slots = page.getByRole("textbox", { name: "Tasks at a time" });
  await expect(slots).toHaveValue("1");
  await slots.fill("many");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Write a whole number from 0 to 10,000.")).toBeVisible();
  await slots.fill("2");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(edit).toBeFocused();
  await expect(why).toBeHidden();
  await expect
    .poll(async () => {
      const run = await api.runs.get.query({ id });
      return run.tasks.find((task) => task.id === "second")?.state;
    })
    .toBe("succeeded");
  await api.runs.cancel.mutate({ id });
  await expect.poll(async () => isRunEnded((await api.runs.get.query({ id })).state)).toBe(true);
  await api.pools.set.mutate({ pool, slots: null });
});

test.describe("in Korean", () => {
  test.use({ locale: "ko-KR" });

  test("the queue and the runners speak Korean", async ({ page }) => {
    await page.goto("/queue");
    await expect(page.getByRole("heading", { name: "큐", level: 1 })).toBeVisible();
    await expect(page.getByRole("heading", { name: "기다리는 것과 그 이유" })).toBeVisible();
    await page.goto("/runners");
    await expect(page.getByRole("button", { name: /비우기$/ }).first()).toBeVisible();
  });
});

test("a runner's slots are changed where its load is seen, also on a narrow screen", async ({
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const runner = (await api.runners.list.query()).find(({ state }) => state === "active");
  await page.goto("/runners");
  await page
    .getByRole("button", { name: `Change the slots of runner ${runner?.name}` })
    .filter({ visible: true })
    .click();
  const slots = page.getByRole("textbox", { name: "Tasks at a time" });
  await slots.fill(String((runner?.slots ?? 0) + 1));
  await page.getByRole("button", { name: "Save" }).click();
  await expect
    .poll(async () => (await api.runners.list.query()).find(({ id }) => id === runner?.id)?.slots)
    .toBe((runner?.slots ?? 0) + 1);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(390);
  await api.runners.setSlots.mutate({ id: runner?.id ?? "", slots: runner?.slots ?? 1 });
});

import { expect, type Page, test } from "@playwright/test";
import { openLine } from "./cut-line.ts";
import { api, runToEnd, saveFlow } from "./product.ts";
import { openGate, startRun, untilState, waitAtGate } from "./run-control.ts";

const flow = "live-demo";

test.setTimeout(90_000);

test.beforeAll(async () => {
  await saveFlow(
    `${flow}.yaml`,
    [
      `id: ${flow}`,
      "name: Live demo",
      "params:",
      "  gate: { type: string, default: none }",
      "tasks:",
      "  first:",
      "    type: shell",
      `    run: ${JSON.stringify(waitAtGate("{{ params.gate }}-1"))}`,
      "  second:",
      "    type: shell",
      "    needs: [first]",
      `    run: ${JSON.stringify(waitAtGate("{{ params.gate }}-2"))}`,
      "  third: { type: noop, needs: [second] }",
      "",
    ].join("\n"),
  );
  await saveFlow("live-quick.yaml", "id: live-quick\nname: Quick\ntasks:\n  one: { type: noop }\n");
});

const box = (page: Page, task: string) => page.locator(`[data-dag-box="${task}"]`);

test("a change of state is on screen within a second, without a reload", async ({ page }) => {
  const id = await startRun(flow, { gate: "second" });
  await page.goto(`/runs/${id}`);
  await expect(box(page, "first")).toHaveAttribute("data-state", "running");
  let reloads = 0;
  page.on("framenavigated", () => reloads++);

  await openGate("second-1");
  await expect
    .poll(
      async () => {
        const run = await api.runs.get.query({ id });
        return run.tasks.find((task) => task.id === "first")?.state;
      },
      { intervals: [20] },
    )
    .toBe("succeeded");
  await expect(box(page, "first")).toHaveAttribute("data-state", "succeeded", { timeout: 1_000 });
  await openGate("second-2");
  await untilState(id, "succeeded");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("succeeded", {
    timeout: 1_000,
  });
  expect(reloads).toBe(0);
});

test("after a cut of ten seconds a banner shows, and nothing was missed", async ({ page }) => {
  test.setTimeout(90_000);
  const line = await openLine(Number(process.env.IDEM_E2E_PORT));
  try {
    const id = await startRun(flow, { gate: "cut" });
    await page.goto(`${line.url}/runs/${id}`);
    await expect(box(page, "first")).toHaveAttribute("data-state", "running");
    const banner = page.getByText("Connection lost – reconnecting");
    await expect(banner).toBeHidden();

    line.cut();
    const cut = Date.now();
    await openGate("cut-1");
    await openGate("cut-2");
    await untilState(id, "succeeded");
    await expect(banner).toBeVisible();
    await expect(box(page, "first")).toHaveAttribute("data-state", "running");
    await expect.poll(() => Date.now() - cut).toBeGreaterThan(10_000);

    line.mend();
    await expect(banner).toBeHidden({ timeout: 20_000 });
    for (const task of ["first", "second", "third"]) {
      await expect(box(page, task)).toHaveAttribute("data-state", "succeeded");
    }
    await expect(page.getByRole("heading", { level: 1 })).toContainText("succeeded");
  } finally {
    await line.close();
  }
});

test("new rows never shift the list: a pill counts them", async ({ page }) => {
  await runToEnd("live-quick");
  const alive = page.waitForRequest(/runs\.watchAll/);
  await page.goto("/runs?flow=live-quick");
  await alive;
  const rows = page.getByRole("list", { name: "Runs" }).getByRole("listitem");
  const count = await rows.count();
  const first = rows.first();
  const name = await first.getAttribute("data-run");
  const place = await first.boundingBox();

  for (let i = 0; i < 3; i++) await runToEnd("live-quick");
  const pill = page.getByRole("button", { name: "3 new runs" });
  await expect(pill).toBeVisible();
  expect(await rows.count()).toBe(count);
  expect(await first.getAttribute("data-run")).toBe(name);
  expect(await first.boundingBox()).toEqual(place);

  await pill.click();
  await expect(rows).toHaveCount(count + 3);
  await expect(pill).toBeHidden();
  expect(await rows.first().getAttribute("data-run")).not.toBe(name);
});

test("a row of the list follows its run", async ({ page }) => {
  const id = await startRun(flow, { gate: "row" });
  // The server renders the rows; they follow their runs once the page has come alive.
  const alive = page.waitForRequest(/runs\.watchAll/);
  await page.goto(`/runs?flow=${flow}`);
  await alive;
  const row = page.locator(`[data-run="${id}"]`);
  await expect(row.locator("[data-state='running']")).toBeVisible();
  await openGate("row-1");
  await openGate("row-2");
  await untilState(id, "succeeded");
  await expect(row.locator("[data-state='succeeded']")).toBeVisible({ timeout: 1_000 });
});

test("a queued task says why it waits, a cancelled run stops", async ({ page }) => {
  const id = await startRun(flow, { gate: "never" });
  await page.goto(`/runs/${id}?task=second`);
  const panel = page.getByRole("region", { name: "Task second" });
  await expect(panel).toContainText("Waits for first");
  await page.getByRole("button", { name: "Cancel run" }).click();
  const dialog = page.getByRole("dialog", { name: `Cancel run #${id}?` });
  await dialog.getByRole("textbox", { name: "Reason" }).fill("not needed");
  await dialog.getByRole("button", { name: "Cancel run" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("cancelled");
  await expect(box(page, "first")).toHaveAttribute("data-state", "cancelled");
});

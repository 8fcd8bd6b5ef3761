import { expect, test } from "@playwright/test";
import { api, runToEnd, saveFlow } from "./product.ts";
import { runsOf } from "./run-control.ts";

const flow = "rerun-demo";

test.setTimeout(90_000);

test.beforeAll(async () => {
  await saveFlow(
    `${flow}.yaml`,
    [
      `id: ${flow}`,
      "name: Rerun demo",
      "params:",
      "  station: { type: string, default: seattle }",
      "  days: { type: integer, default: 3 }",
      "tasks:",
      "  good: { type: noop }",
      "  send:",
      "    type: shell",
      "    needs: [good]",
      "    run: echo sent",
      "    writes: { mode: external }",
      "  bad: { type: shell, needs: [send], run: 'echo Error: no >&2; exit 1' }",
      "  after: { type: noop, needs: [bad] }",
      "",
    ].join("\n"),
  );
});

test("one click opens the plan, one more starts it: same parameters, linked, identity shown", async ({
  page,
}) => {
  const before = await runToEnd(flow, { station: "busan" });
  await page.goto(`/runs/${before.id}`);
  await page.getByRole("button", { name: "Rerun", exact: true }).click();
  const plan = page.getByRole("dialog", { name: `Rerun #${before.id}` });
  await expect(plan.getByText("2 tasks run")).toBeVisible();
  await expect(plan.getByText("2 are reused")).toBeVisible();
  await expect(plan.getByText(before.identity)).toBeVisible();
  await plan.getByRole("button", { name: "Start rerun" }).click();
  await expect(page.getByRole("link", { name: `Rerun of #${before.id}` })).toBeVisible();

  const [newest] = await runsOf(flow);
  await expect(page).toHaveURL(`/runs/${newest?.id}`);
  expect(newest?.params).toEqual({ station: "busan", days: 3 });
  expect(newest?.parent).toBe(before.id);
  expect(newest?.identity).toBe(before.identity);
  await expect(page.getByText(`identical to #${before.id}`)).toBeVisible();
});

test("R opens the plan and never executes; Enter starts, Escape gives the focus back", async ({
  page,
}) => {
  const { id } = await runToEnd(flow);
  const count = (await runsOf(flow)).length;
  await page.goto(`/runs/${id}`);
  const rerun = page.getByRole("button", { name: "Rerun", exact: true });
  await rerun.focus();
  await page.keyboard.press("r");
  const plan = page.getByRole("dialog", { name: `Rerun #${id}` });
  await expect(plan.getByRole("button", { name: "Start rerun" })).toBeFocused();
  await expect(plan.getByText("2 tasks run")).toBeVisible();
  expect(await runsOf(flow)).toHaveLength(count);
  await page.keyboard.press("Escape");
  await expect(plan).toBeHidden();
  await expect(rerun).toBeFocused();
  expect(await runsOf(flow)).toHaveLength(count);

  await page.keyboard.press("r");
  await expect(plan.getByText("2 tasks run")).toBeVisible();
  await expect(plan.getByRole("button", { name: "Start rerun" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("link", { name: `Rerun of #${id}` })).toBeVisible();
  expect(await runsOf(flow)).toHaveLength(count + 1);
});

test("from the list, a rerun stays on the list and its message leads to the new run", async ({
  page,
}) => {
  const { id } = await runToEnd(flow);
  await page.goto(`/runs?flow=${flow}`);
  await page.getByRole("button", { name: `Rerun #${id}` }).click();
  await expect(page.getByText("2 tasks run")).toBeVisible();
  await page.getByRole("button", { name: "Start rerun" }).click();
  await expect(page.getByText(/Run #\d+ started/)).toBeVisible();
  await expect(page).toHaveURL(`/runs?flow=${flow}`);
  const [newest] = await runsOf(flow);
  expect(newest?.parent).toBe(id);
  await page.getByRole("button", { name: "Open", exact: true }).click();
  await expect(page).toHaveURL(`/runs/${newest?.id}`);
});

test("a double click and a repeated request start one run", async ({ page }) => {
  const { id } = await runToEnd(flow);
  const count = (await runsOf(flow)).length;
  let sent = 0;
  await page.route("**/api/trpc/runs.rerun?*", async (route) => {
    sent++;
    // The answer to the first request is lost on the way.
    if (sent === 1) {
      await route.fetch();
      await route.abort();
    } else await route.continue();
  });
  await page.goto(`/runs/${id}`);
  await page.getByRole("button", { name: "Rerun", exact: true }).click();
  const start = page.getByRole("button", { name: "Start rerun" });
  await expect(page.getByText("2 tasks run")).toBeVisible();
  await start.dblclick();
  await expect(page.getByText("The server does not answer.", { exact: false })).toBeVisible();
  await start.dblclick();
  await expect(page.getByRole("link", { name: `Rerun of #${id}` })).toBeVisible();
  expect(sent).toBe(2);
  expect(await runsOf(flow)).toHaveLength(count + 1);
});

test("a task that succeeded and acts on the outside is run again only with a reason", async ({
  page,
}) => {
  const { id } = await runToEnd(flow);
  await page.goto(`/runs/${id}`);
  await page.getByRole("button", { name: "More ways to rerun" }).click();
  await page.getByRole("menuitem", { name: "All tasks" }).click();
  const plan = page.getByRole("dialog", { name: `Rerun #${id}` });
  await expect(plan.getByText("4 tasks run")).toBeVisible();
  await plan.getByRole("button", { name: "Start rerun" }).click();
  const reason = plan.getByRole("textbox", { name: "Why is it safe" });
  await expect(plan.getByText("Give a reason.")).toBeVisible();
  await expect(reason).toBeFocused();
  await reason.fill("The receiver drops what it has seen.");
  await plan.getByRole("button", { name: "Start rerun" }).click();
  await expect(page.getByRole("link", { name: `Rerun of #${id}` })).toBeVisible();
  await expect(page.getByText("Reason given: The receiver drops what it has seen.")).toBeVisible();
  const [newest] = await runsOf(flow);
  expect((await api.runs.get.query({ id: newest?.id ?? "" })).reason).toBe(
    "The receiver drops what it has seen.",
  );
});

test("a plan that is out of date is refused and shown anew", async ({ page }) => {
  const { id } = await runToEnd(flow);
  await page.goto(`/runs/${id}`);
  const stale = "0".repeat(64);
  // Every plan is an old one until one was sent; the page may ask again, and together with others.
  let sent = false;
  page.on("request", (request) => {
    if (request.method() === "POST" && request.url().includes("runs.rerun")) sent = true;
  });
  await page.route(/\/api\/trpc\/[^?]*runs\.rerunPlan/, async (route) => {
    if (sent) return route.continue();
    const answer = await route.fetch();
    const body = (await answer.text()).replace(/("hash":")[0-9a-f]{64}/, `$1${stale}`);
    return route.fulfill({ response: answer, body });
  });
  await page.getByRole("button", { name: "Rerun", exact: true }).click();
  const start = page.getByRole("button", { name: "Start rerun" });
  await expect(page.getByText("2 tasks run")).toBeVisible();
  await start.click();
  await expect(page.getByText("This is the new plan.", { exact: false })).toBeVisible();
  await start.click();
  await expect(page.getByRole("link", { name: `Rerun of #${id}` })).toBeVisible();
});

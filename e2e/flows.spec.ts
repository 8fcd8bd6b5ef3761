import { expect, test } from "@playwright/test";
import { api, removeFlow, runToEnd, saveFlow } from "./product.ts";

const flow = "form-demo";
const good = [
  `id: ${flow}`,
  "name: Form demo",
  "params:",
  "  station: { type: string, default: seattle }",
  "  limit: { type: integer, minimum: 1, default: 10 }",
  "  token: { type: string, minLength: 3, description: Who asks }",
  "tasks:",
  "  greet: { type: shell, run: 'echo {{ params.station }}' }",
  "",
].join("\n");

test.beforeAll(async () => {
  await saveFlow(`${flow}.yaml`, good);
});

test("a file that breaks keeps its flow and shows what is wrong, until it is mended", async ({
  page,
}) => {
  const file = "mending.yaml";
  await saveFlow(file, "id: mending\ntasks:\n  one: { type: noop }\n");
  await page.goto("/flows");
  await expect(page.getByRole("link", { name: "mending", exact: true })).toBeVisible();

  await saveFlow(file, "id: mending\ntasks:\n  one: { type: noop, nedes: [two] }\n");
  await expect(page.getByText(/mending\.yaml:3:\d+/)).toBeVisible();
  const row = page.getByRole("row", { name: /mending\.yaml:3/ });
  await expect(row).toContainText("UNKNOWN_KEY");
  await expect(page.getByText("Revision r1 stays in use until they are corrected.")).toBeVisible();
  await expect(page.getByRole("link", { name: "mending", exact: true })).toBeVisible();

  await saveFlow(file, "id: mending\ntasks:\n  one: { type: noop }\n  two: { type: noop }\n");
  await expect(row).toBeHidden();
  await removeFlow(file);
});

test("the filter is in the URL and survives a reload and Back", async ({ page }) => {
  await page.goto("/flows");
  await page.getByRole("searchbox", { name: "Filter flows" }).fill("form-demo");
  await expect(page).toHaveURL("/flows?q=form-demo");
  await page.reload();
  await expect(page.getByRole("searchbox", { name: "Filter flows" })).toHaveValue("form-demo");
  const link = page.getByRole("link", { name: "Form demo", exact: true });
  await link.click();
  await expect(page.getByRole("heading", { level: 1, name: "Form demo" })).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("searchbox", { name: "Filter flows" })).toHaveValue("form-demo");
});

test("the form starts from defaults, puts errors at their fields and starts a run", async ({
  page,
}) => {
  await page.goto(`/flows/${flow}/run`);
  await expect(page.getByRole("textbox", { name: "station" })).toHaveValue("seattle");
  const limit = page.getByRole("spinbutton", { name: "limit" });
  await limit.fill("0");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  const token = page.getByRole("textbox", { name: "token" });
  await expect(token).toHaveAccessibleDescription(/This parameter must be given\./);
  await expect(token).toBeFocused();
  await expect(limit).toHaveAccessibleDescription(/At least 1\./);
  await limit.fill("5");
  await expect(limit).not.toHaveAccessibleDescription(/At least/);
  await token.fill("abc");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expect(page).toHaveURL(/\/runs\/\d+/);
  const id = /\/runs\/(\d+)/.exec(page.url())?.[1] ?? "";
  const run = await api.runs.get.query({ id });
  expect(run.params).toEqual({ station: "seattle", limit: 5, token: "abc" });
});

test("a flow that reads its interval starts from a whole step and is not run without one", async ({
  page,
}) => {
  await page.goto("/flows/weather-daily/run");
  await expect(page.getByText("so every run needs one")).toBeVisible();
  await expect(page.getByRole("checkbox", { name: "The run covers a span of data" })).toHaveCount(
    0,
  );
  const start = page.getByLabel("Start", { exact: true });
  await expect(start).toHaveValue(/^\d{4}-\d\d-\d\dT00:00$/);
  await start.fill("");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expect(page.getByText("Give the start.")).toBeVisible();
  await start.fill("2012-01-05T00:00");
  await page.getByLabel("End", { exact: true }).fill("2012-01-06T00:00");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expect(page).toHaveURL(/\/runs\/\d+/);
  await expect(page.getByText("succeeded").filter({ visible: true }).first()).toBeVisible();
});

test("JSON and fields edit the same values", async ({ page }) => {
  await page.goto(`/flows/${flow}/run`);
  await page.getByRole("textbox", { name: "station" }).fill("portland");
  await page.getByRole("button", { name: "JSON" }).click();
  const editor = page.getByRole("textbox", { name: "Parameters" });
  await expect(editor).toContainText('"station": "portland"');
  await editor.press("Control+a");
  await page.keyboard.insertText('{ "station": "spokane", "limit": 3,\n "token" }');
  await expect(page.getByText("Line 2 is not JSON.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Form", exact: true })).toBeDisabled();
  await editor.press("Control+a");
  await page.keyboard.insertText('{ "station": "spokane", "limit": 3, "token": "xyz" }');
  await page.getByRole("button", { name: "Form", exact: true }).click();
  await expect(page.getByRole("textbox", { name: "station" })).toHaveValue("spokane");
  await expect(page.getByRole("spinbutton", { name: "limit" })).toHaveValue("3");
});

test("a double click and a retry after a lost answer start one run", async ({ page }) => {
  await page.goto(`/flows/${flow}/run`);
  const unique = `once-${Date.now()}`;
  await page.getByRole("textbox", { name: "token" }).fill(unique);
  // The server acts, and its answer never arrives.
  let lost = 0;
  await page.route("**/api/trpc/runs.create*", async (route) => {
    await route.fetch();
    lost += 1;
    await route.abort();
  });
  await page.getByRole("button", { name: "Run", exact: true }).dblclick();
  await expect(page.getByText("it will not start a second run")).toBeVisible();
  expect(lost).toBeGreaterThan(0);
  await page.unroute("**/api/trpc/runs.create*");
  await page.getByRole("button", { name: "Run", exact: true }).dblclick();
  await expect(page).toHaveURL(/\/runs\/\d+/);
  const { items } = await api.runs.list.query({ filter: { flow, params: { token: unique } } });
  expect(items).toHaveLength(1);
});

test("run with changes shows what differs before it starts", async ({ page }) => {
  const first = await runToEnd(flow, { token: "first" });
  await page.goto(`/flows/${flow}/run?from=${first.id}`);
  await expect(page.getByText("Nothing would differ")).toBeVisible();
  await page.getByRole("textbox", { name: "station" }).fill("tacoma");
  const changes = page
    .getByRole("region", { name: "Changes" })
    .or(
      page.locator("section", { has: page.getByRole("heading", { name: /Changes against run/ }) }),
    );
  await expect(changes).toContainText("params › station");
  await expect(changes.locator("del")).toContainText("seattle");
  await expect(changes.locator("ins")).toContainText("tacoma");
  await page.getByRole("button", { name: "Run with changes" }).click();
  await expect(page).toHaveURL(/\/runs\/\d+/);
  const id = /\/runs\/(\d+)/.exec(page.url())?.[1] ?? "";
  const run = await api.runs.get.query({ id });
  expect(run.trigger).toBe("changes");
  expect(run.changedFrom).toBe(first.id);
  await expect(page.getByRole("link", { name: `Changed from #${first.id}` })).toHaveAttribute(
    "href",
    `/runs/${first.id}`,
  );
  expect(run.identity).not.toBe(first.identity);
});

test("code shows a revision, and against another one what changed", async ({ page }) => {
  const file = "revisions-demo.yaml";
  await saveFlow(file, "id: revisions-demo\ntasks:\n  one: { type: noop }\n");
  await saveFlow(
    file,
    "id: revisions-demo\ntasks:\n  one: { type: noop }\n  two: { type: noop }\n",
  );
  await page.goto("/flows/revisions-demo?view=code");
  await expect(page.getByText("two: { type: noop }")).toBeVisible();
  await page.getByRole("button", { name: "Compare" }).click();
  await expect(page).toHaveURL("/flows/revisions-demo?view=code&against=1");
  await expect(page.getByText("tasks › two")).toBeVisible();
  await page.getByRole("button", { name: "End comparison" }).click();
  await page.getByRole("combobox", { name: "Revision" }).click();
  await page.getByRole("option", { name: "r1" }).click();
  await expect(page).toHaveURL("/flows/revisions-demo?view=code&revision=1");
  await expect(page.getByText("two: { type: noop }")).toBeHidden();
});

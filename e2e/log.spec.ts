import { expect, type Page, test } from "@playwright/test";
import { api, runToEnd, saveFlow } from "./product.ts";
import { openGate, startRun, waitAtGate } from "./run-control.ts";

const LINES = 100_000;
const flow = "log-demo";
let run = "";

test.setTimeout(90_000);

test.beforeAll(async () => {
  await saveFlow(
    `${flow}.yaml`,
    [
      `id: ${flow}`,
      "tasks:",
      "  early: { type: noop }",
      "  write:",
      "    type: script",
      "    language: node",
      "    needs: [early]",
      "    code: |",
      "      const out = [];",
      `      for (let n = 1; n <= ${LINES}; n++) {`,
      "        if (n === 90001) out.push('Error: the 90,001st line is wrong');",
      "        else if (n % 1000 === 0) out.push('line ' + n + ' has a needle');",
      "        else if (n === 5) out.push('<img src=x onerror=\"document.title=1\"> <b>bold</b>');",
      "        else if (n === 6) out.push('\\u001b[31mred\\u001b[0m and \\u001b[1mbold\\u001b[0m');",
      "        else out.push('line ' + n);",
      "      }",
      "      process.stdout.write(out.join('\\n') + '\\n');",
      "      process.exitCode = 1;",
      "",
    ].join("\n"),
  );
  await saveFlow(
    "log-live.yaml",
    [
      "id: log-live",
      "tasks:",
      "  talk:",
      "    type: shell",
      "    run: |",
      "      seq 1 300",
      `      ${waitAtGate("log-more")}`,
      "      seq 301 600",
      `      ${waitAtGate("log-end")}`,
      "",
    ].join("\n"),
  );
  await saveFlow(
    "log-grows.yaml",
    [
      "id: log-grows",
      "tasks:",
      "  talk:",
      "    type: shell",
      "    run: |",
      "      echo a needle",
      `      ${waitAtGate("log-last")}`,
      "      echo another needle",
      "",
    ].join("\n"),
  );
  await saveFlow(
    "log-retry.yaml",
    [
      "id: log-retry",
      "tasks:",
      "  flaky:",
      "    type: shell",
      "    run: 'echo this is attempt $IDEM_ATTEMPT; [ \"$IDEM_ATTEMPT\" = 2 ]'",
      "    retry: { attempts: 3, delay: 10ms }",
      "",
    ].join("\n"),
  );
  run = (await runToEnd(flow)).id;
});

const line = (page: Page, n: number) => page.locator(`[data-line="${n}"]`);
const log = (page: Page) => page.getByRole("region", { name: /^Log of/ });

test("a failed run opens at the first error line of the first failed task", async ({ page }) => {
  await page.goto(`/runs/${run}`);
  await expect(page.getByRole("region", { name: "Task write" })).toBeVisible();
  await expect(line(page, 90_001)).toBeInViewport();
  await expect(line(page, 90_001)).toContainText("Error: the 90,001st line is wrong");
  await expect(line(page, 90_001)).toHaveAttribute("data-error", "true");
});

test("/ searches lines that were never loaded, next and previous go round", async ({ page }) => {
  await page.goto(`/runs/${run}?tab=logs&task=write#L1`);
  await expect(line(page, 1)).toBeVisible();
  await page.keyboard.press("/");
  const search = page.getByRole("textbox", { name: "Search the log" });
  await expect(search).toBeFocused();
  await search.fill("has a needle");
  await expect(page.getByText("1 of 100")).toBeVisible();
  await expect(line(page, 1_000)).toBeInViewport();
  await search.press("Enter");
  await expect(line(page, 2_000)).toBeInViewport();
  await expect(line(page, 2_000).locator("mark")).toHaveText("has a needle");
  await search.press("Shift+Enter");
  await search.press("Shift+Enter");
  await expect(line(page, LINES)).toBeInViewport();
  await expect(page.getByText("100 of 100")).toBeVisible();
  await search.press("Escape");
  await expect(search).toHaveValue("");
  await expect(log(page)).toBeFocused();
});

test("#L120-L140 scrolls there and marks the lines", async ({ page }) => {
  await page.goto(`/runs/${run}?tab=logs&task=write#L50120-L50140`);
  await expect(line(page, 50_120)).toBeInViewport();
  for (const n of [50_120, 50_130]) await expect(line(page, n)).toHaveAttribute("data-marked");
  await expect(line(page, 50_119)).not.toHaveAttribute("data-marked");
});

test("colours are shown and markup is inert", async ({ page }) => {
  await page.goto(`/runs/${run}?tab=logs&task=write#L5`);
  await expect(line(page, 5)).toContainText('<img src=x onerror="document.title=1"> <b>bold</b>');
  await expect(line(page, 5).locator("img, b")).toHaveCount(0);
  const red = line(page, 6).getByText("red", { exact: true });
  const [colour, plain] = await Promise.all([
    red.evaluate((element) => getComputedStyle(element).color),
    line(page, 4).evaluate((element) => getComputedStyle(element).color),
  ]);
  expect(colour).not.toBe(plain);
  await expect(line(page, 6)).toContainText("red and bold");
  await expect(page).not.toHaveTitle("1");
});

test("copy and download equal the stored log", async ({ page, context, browserName }) => {
  if (browserName === "chromium") {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  }
  const stored = await api.runs.log.query({
    id: run,
    task: "write",
    attempt: 1,
    from: 1,
    count: 2_000,
  });
  await page.goto(`/runs/${run}?tab=logs&task=write#L3-L6`);
  await expect(line(page, 3)).toHaveAttribute("data-marked");
  await page.getByRole("button", { name: "Copy the marked lines" }).click();
  await expect(page.getByText("Lines copied")).toBeVisible();
  const marked = await page.evaluate(() => navigator.clipboard.readText());
  expect(marked).toBe(
    stored.lines
      .slice(2, 6)
      .map((one) => `${one.text}\n`)
      .join(""),
  );

  const waiting = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download the log" }).click();
  const stream = await (await waiting).createReadStream();
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  const downloaded = Buffer.concat(chunks).toString("utf8");
  expect(downloaded.split("\n").slice(0, 2_000)).toEqual(stored.lines.map((one) => one.text));
  expect(downloaded.split("\n").length).toBe(stored.total + 1);

  await page.goto(`/runs/${run}?tab=logs&task=write`);
  await expect(line(page, 90_001)).toBeVisible();
  await page.getByRole("button", { name: "Copy the log" }).click();
  await expect(page.getByText("Log copied")).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(downloaded);
});

test("a live log is followed; scrolling up stops it, Jump to latest goes on", async ({ page }) => {
  const id = await startRun("log-live");
  await page.goto(`/runs/${id}?tab=logs`);
  await expect(line(page, 300)).toBeInViewport();
  const latest = page.getByRole("button", { name: "Jump to latest" });
  await expect(latest).toBeHidden();
  await log(page).hover();
  await page.mouse.wheel(0, -2_000);
  await expect(latest).toBeVisible();
  const top = await log(page).evaluate((element) => element.scrollTop);
  await openGate("log-more");
  await expect(page.getByRole("region", { name: "Log of 600 lines" })).toBeVisible();
  expect(await log(page).evaluate((element) => element.scrollTop)).toBe(top);
  await latest.click();
  await expect(line(page, 600)).toBeInViewport();
  await openGate("log-end");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("succeeded");
  await expect(latest).toBeHidden();
});

test("a search in a log that grows has found everything once the task has ended", async ({
  page,
}) => {
  const id = await startRun("log-grows");
  await page.goto(`/runs/${id}?tab=logs`);
  await expect(line(page, 1)).toBeInViewport();
  await page.getByRole("textbox", { name: "Search the log" }).fill("needle");
  await expect(page.getByText("1 of 1", { exact: true })).toBeVisible();
  await openGate("log-last");
  await expect(page.getByText("1 of 2", { exact: true })).toBeVisible();
});

test("each attempt has its own log", async ({ page }) => {
  const { id } = await runToEnd("log-retry");
  await page.goto(`/runs/${id}?tab=logs&task=flaky`);
  await expect(line(page, 1)).toHaveText(/this is attempt 2/);
  await page.getByRole("combobox", { name: "Attempt" }).click();
  await page.getByRole("option", { name: "Attempt 1" }).click();
  await expect(page).toHaveURL(/attempt=1/);
  await expect(line(page, 1)).toHaveText(/this is attempt 1/);
});

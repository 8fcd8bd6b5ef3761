import { expect, test } from "@playwright/test";
import { expectAccessible, violations } from "./axe.ts";
import { api, removeFlow, runToEnd, saveFlow } from "./product.ts";

const stubborn = "stubborn-load";
const shaky = "shaky-load";

const definition = (retry: string) =>
  [
    `id: ${stubborn}`,
    "name: Stubborn load",
    "tasks:",
    "  load:",
    "    type: shell",
    `    run: "echo 'Error: no column 17 in /data/in.csv' >&2; exit 2"`,
    `    retry: ${retry}`,
    "  check: { type: noop, needs: [load] }",
    "",
  ].join("\n");

test.beforeAll(async () => {
  await saveFlow(`${stubborn}.yaml`, definition("{ attempts: 3, delay: 1ms }"));
  await saveFlow(
    `${shaky}.yaml`,
    [
      `id: ${shaky}`,
      "name: Shaky load",
      "tasks:",
      "  load:",
      "    type: shell",
      '    run: test "$IDEM_ATTEMPT" -gt 1',
      "    retry: { attempts: 2, delay: 1ms }",
      "",
    ].join("\n"),
  );
});

test.afterAll(async () => {
  await removeFlow(`${stubborn}.yaml`);
  await removeFlow(`${shaky}.yaml`);
});

test("too many retries: the flow's page says so, proves it, and the rule it proposes ends them", async ({
  page,
}) => {
  await Promise.all(Array.from({ length: 7 }, () => runToEnd(stubborn)));
  await page.goto(`/flows/${stubborn}`);
  await page.getByRole("tab", { name: "Retries" }).click();
  await expect(page).toHaveURL(/view=retries/);
  await expect(page.getByText("too many", { exact: true })).toBeVisible();
  await expect(page.getByText("Only 0 of 14 later attempts succeeded.")).toBeVisible();
  const chances = page.getByRole("list", { name: "Success of load at each attempt" });
  await expect(chances.getByRole("listitem")).toHaveText([
    /attempt 1.*0 of 7/,
    /attempt 2.*0 of 7/,
    /attempt 3.*0 of 7/,
  ]);
  const errors = page.getByRole("table", { name: "Errors of load" });
  await expect(errors.getByRole("row").nth(1)).toContainText("Error: no column ‹n› in ‹path›");
  await expect(errors.getByText("give_up_on: [exit:2]")).toBeVisible();
  expect(await violations(page)).toEqual([]);

  await saveFlow(`${stubborn}.yaml`, definition("{ attempts: 3, delay: 1ms, give_up_on: exit:2 }"));
  const run = await runToEnd(stubborn);
  expect(run.tasks.map(({ id, attempt }) => [id, attempt])).toContainEqual(["load", 1]);
  await page.goto(`/runs/${run.id}`);
  await expect(
    page.getByText("Not tried again: the retry policy gives up after this failure."),
  ).toBeVisible();
});

test("a run that recovered after a retry says so, on its page and in the list, in both languages", async ({
  page,
  context,
}) => {
  const run = await runToEnd(shaky);
  expect(run).toMatchObject({ state: "succeeded", recovered: true });
  await page.goto(`/runs/${run.id}`);
  await expect(page.getByText(/^Recovered after retry:/)).toBeVisible();
  await page.goto(`/runs?flow=${shaky}`);
  await expect(page.getByRole("listitem").getByText("recovered after retry")).toBeVisible();
  const { origin } = new URL(page.url());
  await context.addCookies([{ name: "idem_locale", value: "ko", url: origin }]);
  await page.reload();
  await expect(page.getByRole("listitem").getByText("재시도 후 복구됨")).toBeVisible();
  await page.goto(`/runs/${run.id}`);
  await expect(page.getByText(/^재시도 후 복구됨:/)).toBeVisible();
  const advice = await api.flows.retryAdvice.query({ id: shaky });
  expect(advice.tasks).toMatchObject([{ failures: 1, verdict: null, silence: "few_failures" }]);
});

test("tasks too small: the page says what their start takes, and the batch that helps does", async ({
  page,
}) => {
  const tiny = "tiny-items";
  const items = Array.from({ length: 240 }, (_, n) => n);
  const text = (batch: number) =>
    [
      `id: ${tiny}`,
      "name: Tiny items",
      "tasks:",
      "  look:",
      "    type: shell",
      `    for_each: [${items}]`,
      `    batch: ${batch}`,
      "    run: 'true'",
      "",
    ].join("\n");
  await saveFlow(`${tiny}.yaml`, text(1));
  await runToEnd(tiny);
  await page.goto(`/flows/${tiny}?view=retries`);
  await expect(page.getByText("Small task runs of look")).toBeVisible();
  await expect(page.getByText("too small", { exact: true })).toBeVisible();
  await expect(page.getByText(/^With batch: \d+ they would take about/)).toBeVisible();
  await expectAccessible(page);

  const [advice] = (await api.flows.sizeAdvice.query({ id: tiny })).items;
  expect(advice).toMatchObject({ taskRuns: 240, of: { task: "look", batch: 1 } });
  await saveFlow(`${tiny}.yaml`, text(advice?.batch ?? 1));
  const batched = await runToEnd(tiny);
  const took = Date.parse(batched.finishedAt ?? "") - Date.parse(batched.startedAt ?? "");
  expect(took).toBeLessThan((advice?.spanMs ?? 0) / 2);
  await removeFlow(`${tiny}.yaml`);
});

import { expect, test } from "@playwright/test";
import { saveFlow } from "./product.ts";

const flow = "write-only-demo";
const secret = "hunter2-of-the-ledger";

test.setTimeout(90_000);

test.beforeAll(async () => {
  await saveFlow(
    `${flow}.yaml`,
    [
      `id: ${flow}`,
      "name: Ledger",
      "params:",
      "  token: { type: string, writeOnly: true }",
      "  region: { type: string, default: eu }",
      "tasks:",
      // Succeeds with the value that was given and no other, and does not write it down.
      "  log-in:",
      "    type: shell",
      `    run: test "$(printf '%s' "$TOKEN" | wc -c | tr -d ' ')" = ${secret.length}`,
      '    env: { TOKEN: "{{ params.token }}" }',
      "",
    ].join("\n"),
  );
});

test("what is written only goes into runs, and is read by nobody", async ({ page }) => {
  await page.goto(`/flows/${flow}/run`);
  await page.getByLabel("token").fill(secret);
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expect(page.locator("h1 [data-state=succeeded]")).toBeVisible({ timeout: 20_000 });
  const first = page.url();
  await expect(page.getByText("token=••••••")).toBeVisible();
  for (const place of ["?tab=io", "?tab=manifest"]) {
    await page.goto(`${first}${place}`);
    await expect(page.getByRole("tabpanel").getByText("••••••").first()).toBeVisible();
    expect(await page.content()).not.toContain(secret);
  }
  await page.goto(`/runs?flow=${flow}`);
  await expect(page.getByText("token=••••••")).toBeVisible();
  expect(await page.content()).not.toContain(secret);

  // The form that starts from the run sends the value back without showing it, as JSON as well.
  await page.goto(`/flows/${flow}/run?from=${first.split("/").at(-1)}`);
  await expect(page.getByText("Nothing would differ")).toBeVisible();
  await expect(page.getByLabel("token")).toHaveAttribute("type", "password");
  await page.getByText("JSON", { exact: true }).click();
  const editor = page.getByRole("textbox", { name: "Parameters" });
  await expect(editor).toContainText('"token": "••••••"');
  await editor.fill('{ "token": "••••••", "region": "us" }');
  await expect(page.getByText("params › region")).toBeVisible();
  await expect(page.getByText("params › token")).toBeHidden();
  await page.getByRole("button", { name: "Run with changes" }).click();
  await expect(page).not.toHaveURL(/\/run\?/);
  await expect(page.locator("h1 [data-state=succeeded]")).toBeVisible({ timeout: 20_000 });
  await expect(page.getByText("region=us")).toBeVisible();
  const [a, b] = [first, page.url()].map((url) => url.split("/").at(-1));
  await page.goto(`/runs/compare?a=${a}&b=${b}`);
  await expect(page.getByText("params › region")).toBeVisible();
  expect(await page.content()).not.toContain(secret);

  // Another value is told of, not shown.
  await page.goto(`/flows/${flow}/run?from=${a}`);
  await page.getByLabel("token").fill("another");
  await expect(page.getByText("Another value; both are hidden.")).toBeVisible();
});

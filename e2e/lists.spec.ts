import { expect, test } from "@playwright/test";
import { runToEnd, saveFlow } from "./product.ts";

const flow = "lists-demo";

test.beforeAll(async () => {
  await saveFlow(
    `${flow}.yaml`,
    [
      `id: ${flow}`,
      "name: Lists demo",
      "params: { mended: { type: boolean, default: false } }",
      "tasks:",
      "  names:",
      "    type: script",
      "    language: node",
      "    code: |",
      '      const names = Array.from({ length: 120 }, (_, n) => "file-" + n + ".csv");',
      '      (await import("node:fs")).writeFileSync(process.env.IDEM_OUTPUT, JSON.stringify(names));',
      "  read:",
      "    type: shell",
      "    needs: [names]",
      "    for_each: tasks.names.output",
      "    batch: 10",
      "    run: |",
      '      echo "batch {{ index }} begins with {{ items[0] }}"',
      '      if [ {{ index }} = 7 ] && [ ! -e "$IDEM_DATA/lists-mended" ]; then',
      '        echo "ERROR: {{ items[0] }} is broken" >&2; exit 1',
      "      fi",
      '  mend: { type: shell, needs: [read], if: failure(), run: ": > $IDEM_DATA/lists-mended" }',
      "",
    ].join("\n"),
  );
});

test("a list is one box with its share; the page opens at the part that failed, a rerun does that part alone", async ({
  page,
}) => {
  const { id } = await runToEnd(flow);
  await page.goto(`/runs/${id}`);
  await expect(page.getByRole("region", { name: "First error" })).toContainText(
    "read, no. 7 failed",
  );
  await expect(page.locator('[data-dag-box="read"]')).toContainText("12/12");
  const panel = page.getByRole("region", { name: "Task read" });
  await expect(panel.locator("[data-error]")).toContainText("ERROR: file-70.csv is broken");
  const parts = panel.getByRole("region", { name: "Task runs over the list" });
  await expect(parts.locator("[data-item]").first()).toBeVisible();
  await parts.getByRole("button", { name: "1 failed" }).click();
  await expect(parts.locator("[data-item]")).toHaveCount(1);
  await parts.getByRole("button", { name: "1 failed" }).click();
  await parts.getByRole("button", { name: /^No\. 3 succeeded/ }).click();
  await expect(page).toHaveURL(/item=3/);
  await expect(panel.getByText("batch 3 begins with file-30.csv")).toBeVisible();
  await page.reload();
  await expect(panel.getByText("batch 3 begins with file-30.csv")).toBeVisible();

  await page.getByRole("button", { name: "Rerun", exact: true }).click();
  await page.getByRole("button", { name: "Start rerun" }).click();
  await expect(page.getByRole("link", { name: `Rerun of #${id}` })).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("succeeded");
  await page.locator('[data-dag-box="read"]').click();
  await expect(parts.locator("[data-item]").filter({ hasText: "reused" })).not.toHaveCount(0);
  await expect(parts.locator('[data-item="7"]')).toContainText("succeeded");
});

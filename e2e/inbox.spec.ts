import { expect, test } from "@playwright/test";
import { expectAccessible } from "./axe.ts";
import { runToEnd, saveFlow } from "./product.ts";

const flow = "morning-after";

test("morning after: the bell says what failed overnight and why, and it is rerun from there", async ({
  page,
}) => {
  await saveFlow(
    `${flow}.yaml`,
    [
      `id: ${flow}`,
      "name: Night load",
      "tasks:",
      "  load: { type: shell, run: 'echo Error: disk is full >&2; exit 1' }",
      "",
    ].join("\n"),
  );
  const run = await runToEnd(flow, {});
  await page.goto("/");
  await page.getByRole("link", { name: /^Inbox: \d+ unread$/ }).click();
  await expect(page.getByRole("navigation", { name: "Breadcrumbs" })).toHaveText("Inbox");
  const notice = page.getByRole("listitem").filter({ hasText: "Night load" });
  await expect(notice).toContainText("Error: disk is full");
  await expect(notice).toContainText("Unread");
  await expectAccessible(page);
  await notice.getByRole("button", { name: /^Mark read/ }).click();
  await expect(notice.getByText("Unread")).toBeHidden();
  await notice.getByRole("button", { name: `Rerun run ${run.id}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Start rerun" }).click();
  await expect(page.getByText(/Run #\d+ started/)).toBeVisible();
  await expect(notice).toContainText("failed 2 times");
});

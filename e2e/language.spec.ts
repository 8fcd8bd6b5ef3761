import { expect, test } from "@playwright/test";
import { removeFlow, runToEnd, saveFlow } from "./product.ts";

const flow = "language-demo";

test.beforeAll(async () => {
  await saveFlow(
    `${flow}.yaml`,
    `id: ${flow}\ntasks:\n  bad: { type: shell, run: exit 1 }\n  after: { type: noop, needs: [bad] }\n`,
  );
  await runToEnd(flow);
});

test.describe("a Korean browser", () => {
  test.use({ locale: "ko-KR" });

  test("gets Korean pages at the same addresses", async ({ page }) => {
    for (const [path, heading] of [
      ["/flows", "플로"],
      ["/runners", "러너"],
      [`/flows/${flow}/run`, `${flow} 실행`],
    ] as const) {
      await page.goto(path);
      await expect(page).toHaveURL(path);
      await expect(page.locator("html")).toHaveAttribute("lang", "ko");
      await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
    }
  });

  test("reads states, dates and the flow's failure in Korean", async ({ page }) => {
    await page.goto("/flows");
    const row = page.getByRole("row", { name: new RegExp(flow) });
    await expect(row).toContainText("실패");
    await expect(row.locator("time").first()).toContainText(/\d+월 \d+일 \d\d:\d\d/);
    await page.goto(`/flows/${flow}`);
    await expect(page.getByRole("link", { name: /after: 선행 실패$/ }).first()).toBeVisible();
  });

  test("reads what is wrong with a definition in Korean, with the server's words below", async ({
    page,
  }) => {
    const file = "language-broken.yaml";
    await saveFlow(file, "id: language-broken\ntaks: {}\n");
    await page.goto("/flows");
    const problem = page.getByRole("listitem").filter({ hasText: `${file}:2:1` });
    await expect(problem).toContainText("여기서 쓸 수 없는 키예요. (taks)");
    await expect(problem).toContainText("키 이름을 고치거나 지워 주세요.");
    await expect(problem.locator("[lang=en]")).toContainText('"taks" is not a key of a flow.');
    await removeFlow(file);
  });

  test("switches to English and stays there", async ({ page }) => {
    await page.goto("/flows");
    await page.getByRole("button", { name: "화면 설정" }).click();
    await page.getByRole("menuitemradio", { name: "English" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Flows" })).toBeVisible();
    await expect(page).toHaveURL("/flows");
    await page.reload();
    await expect(page.locator("html")).toHaveAttribute("lang", "en");
  });
});

test("an English browser reads the exact words of states", async ({ page }) => {
  await page.goto(`/flows/${flow}`);
  await expect(
    page.getByRole("link", { name: /after in run \d+: upstream failed$/ }).first(),
  ).toBeVisible();
});

test("a browser of another language gets English", async ({ browser }) => {
  const context = await browser.newContext({ locale: "fr-FR" });
  const page = await context.newPage();
  await page.goto("/flows");
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await context.close();
});

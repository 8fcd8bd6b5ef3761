import { expect, type Page, test } from "@playwright/test";
import { runToEnd, saveFlow } from "./product.ts";

const wide = "dag-thousand";
const small = "dag-small";
let run = "";

/** Ten layers of a hundred tasks, each needing two of the layer before. */
function thousand(): string {
  const lines = [`id: ${wide}`, "name: A thousand", "tasks:"];
  for (let layer = 0; layer < 10; layer++) {
    for (let i = 0; i < 100; i++) {
      lines.push(`  step${layer}_${i}:`, "    type: noop");
      if (layer > 0) {
        const before = (k: number) => `step${layer - 1}_${(i * 7 + k) % 100}`;
        lines.push(`    needs: [${before(0)}, ${before(3)}]`);
      }
    }
  }
  return `${lines.join("\n")}\n`;
}

test.setTimeout(90_000);

test.beforeAll(async () => {
  await saveFlow(`${wide}.yaml`, thousand());
  await saveFlow(
    `${small}.yaml`,
    [
      `id: ${small}`,
      "tasks:",
      "  a: { type: noop }",
      "  slow: { type: wait, duration: 300ms, needs: [a] }",
      "  quick: { type: noop, needs: [a] }",
      "  join: { type: noop, needs: [slow, quick] }",
      "  alone: { type: noop }",
      "",
    ].join("\n"),
  );
  run = (await runToEnd(wide)).id;
});

const boxes = (page: Page) => page.locator("[data-dag-box]");
const box = (page: Page, id: string) => page.locator(`[data-dag-box="${id}"]`);

/** Boxes that are drawn in the DOM, by React Flow's own count. */
const inDom = (page: Page) => page.locator(".react-flow__node").count();

test("a whole graph stays whole when its frame changes, until somebody moves it", async ({
  page,
}) => {
  const { id } = await runToEnd(small);
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.goto(`/runs/${id}`);
  const last = box(page, "join");
  await expect(last).toBeInViewport({ ratio: 1 });
  const buttons = page.getByRole("button", { name: "Zoom out" });
  const gap = async () => {
    const [node, button] = [await last.boundingBox(), await buttons.boundingBox()];
    return (button?.y ?? 0) - ((node?.y ?? 0) + (node?.height ?? 0));
  };
  const before = await gap();
  for (const height of [620, 1_000, 560]) {
    await page.setViewportSize({ width: 1280, height });
    await expect.poll(gap, { message: `at a height of ${height}` }).toBeGreaterThanOrEqual(0);
  }
  expect(before).toBeGreaterThanOrEqual(0);
  await buttons.click();
  const moved = await last.boundingBox();
  await page.setViewportSize({ width: 1280, height: 900 });
  await expect.poll(async () => (await last.boundingBox())?.height).toBe(moved?.height);
});

test("it opens grouped, with the states of each group, and expands in place", async ({ page }) => {
  await page.goto(`/runs/${run}`);
  const group = page.getByRole("button", { name: "step9 100 tasks" });
  await expect(group).toContainText(/100\s*succeeded/);
  await expect(group).toHaveAttribute("aria-expanded", "false");
  expect(await inDom(page)).toBeLessThanOrEqual(100);
  await group.click();
  await expect(box(page, "step9_0")).toBeVisible();
  await expect(box(page, "step9_0")).toHaveAttribute("data-state", "succeeded");
  expect(await inDom(page)).toBeLessThanOrEqual(100);
});

test("search centres a task, also inside a group, and selects it", async ({ page }) => {
  await page.goto(`/runs/${run}`);
  await expect(boxes(page).first()).toBeVisible();
  await page.keyboard.press("t");
  const search = page.getByRole("combobox", { name: "Find a task" });
  await expect(search).toBeFocused();
  await search.fill("step4_42");
  await search.press("Enter");
  await expect(box(page, "step4_42")).toBeFocused();
  const [found, canvas] = await Promise.all([
    box(page, "step4_42").boundingBox(),
    page.getByRole("region", { name: /^Graph of/ }).boundingBox(),
  ]);
  const middle = (b: typeof found) => (b ? b.x + b.width / 2 : 0);
  expect(Math.abs(middle(found) - middle(canvas))).toBeLessThan(40);
  await expect(page).toHaveURL(/task=step4_42/);
  await expect(page.getByRole("region", { name: "Task step4_42" })).toBeVisible();
});

test("selecting a task dims all but its upstream and downstream; Escape ends it", async ({
  page,
}) => {
  const { id } = await runToEnd(small);
  await page.goto(`/runs/${id}`);
  const opacity = (task: string) =>
    box(page, task).evaluate((element) => Number(getComputedStyle(element).opacity));
  await expect(box(page, "quick")).toBeVisible();
  expect(await opacity("slow")).toBe(1);
  await box(page, "quick").click();
  await expect.poll(() => opacity("slow")).toBeLessThan(0.5);
  await expect.poll(() => opacity("alone")).toBeLessThan(0.5);
  for (const task of ["a", "quick", "join"]) expect(await opacity(task)).toBe(1);
  await page.keyboard.press("Escape");
  await expect.poll(() => opacity("slow")).toBe(1);
});

test("the critical path can be shown", async ({ page }) => {
  const { id } = await runToEnd(small);
  await page.goto(`/runs/${id}`);
  await expect(box(page, "slow")).toBeVisible();
  await expect(page.locator("[data-dag-box][data-critical]")).toHaveCount(0);
  await page.getByRole("button", { name: "Critical path" }).click();
  for (const task of ["a", "slow", "join"]) {
    await expect(box(page, task)).toHaveAttribute("data-critical", "true");
  }
  for (const task of ["quick", "alone"]) {
    await expect(box(page, task)).not.toHaveAttribute("data-critical");
  }
});

test("arrow keys walk the graph, Enter selects, and a list says the same", async ({ page }) => {
  const { id } = await runToEnd(small);
  await page.goto(`/runs/${id}?task=a`);
  await expect(box(page, "a")).toBeVisible();
  await box(page, "a").focus();
  const towards = await page.evaluate(() => {
    const at = (task: string) =>
      document.querySelector(`[data-dag-box="${task}"]`)?.getBoundingClientRect();
    return (at("join")?.left ?? 0) > (at("a")?.right ?? 0) ? "ArrowRight" : "ArrowDown";
  });
  await page.keyboard.press(towards);
  await page.keyboard.press(towards);
  await expect(box(page, "join")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/task=join/);
  await page.getByRole("button", { name: "List", exact: true }).click();
  const list = page.getByRole("region", { name: "Tasks", exact: true });
  await expect(list.getByRole("listitem")).toHaveCount(5);
  await expect(list.getByRole("button", { name: /^join/ })).toHaveAttribute("aria-current", "true");
});

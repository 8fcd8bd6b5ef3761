import { expect, type Page, test } from "@playwright/test";
import { pressUntil, runToEnd, saveFlow } from "./product.ts";

const flow = "palette-demo";

test.beforeAll(async () => {
  await saveFlow(
    `${flow}.yaml`,
    `id: ${flow}\nname: Palette demo\ntasks:\n  one: { type: noop }\n`,
  );
});

const palette = (page: Page) => page.getByRole("dialog", { name: "Search and jump" });

const openPalette = (page: Page) =>
  pressUntil(page, "Control+k", () => palette(page).getByRole("combobox").isVisible());

/** Milliseconds from the key press to the paint that shows the palette, as the browser measured it. */
async function openingTime(page: Page): Promise<number> {
  await page.evaluate(() => {
    const found: number[] = [];
    (window as unknown as { openings: number[] }).openings = found;
    window.addEventListener(
      "keydown",
      (event) => {
        // The press of Ctrl itself comes first.
        if (event.key !== "k" || found.length > 0) return;
        const start = event.timeStamp;
        const check = () => {
          if (document.querySelector("[role=dialog] input") === null) requestAnimationFrame(check);
          else found.push(performance.now() - start);
        };
        requestAnimationFrame(check);
      },
      { capture: true },
    );
  });
  await page.keyboard.press("Control+k");
  await expect(palette(page).getByRole("combobox")).toBeFocused();
  const [time] = await page.evaluate(() => (window as unknown as { openings: number[] }).openings);
  await page.keyboard.press("Escape");
  await expect(palette(page)).toBeHidden();
  return time ?? Number.POSITIVE_INFINITY;
}

test("Ctrl+K opens the palette in less than 50 ms", async ({ page }) => {
  await page.goto("/flows");
  await expect(page.getByRole("link", { name: "Palette demo", exact: true })).toBeVisible();
  await openPalette(page);
  await page.keyboard.press("Escape");
  await expect(palette(page)).toBeHidden();
  const times: number[] = [];
  for (let round = 0; round < 7; round++) times.push(await openingTime(page));
  // Other work on the machine only ever adds: the least is what the page itself needs.
  expect(Math.min(...times)).toBeLessThan(50);
});

test("the palette finds a flow by its name and opens it", async ({ page }) => {
  await page.goto("/");
  await openPalette(page);
  await palette(page).getByRole("combobox").fill("palette demo");
  await expect(palette(page).getByRole("option").first()).toContainText("Palette demo");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`/flows/${flow}`);
  await expect(palette(page)).toBeHidden();
});

test("the palette lists recent runs and jumps to a run by its number", async ({ page }) => {
  const run = await runToEnd(flow);
  await page.goto("/runners");
  await openPalette(page);
  await expect(
    palette(page).getByRole("option", { name: `#${run.id} Palette demo` }),
  ).toBeVisible();
  await palette(page).getByRole("combobox").fill(`#${run.id}`);
  await palette(page)
    .getByRole("option", { name: `Open run #${run.id}` })
    .click();
  await expect(page).toHaveURL(`/runs/${run.id}`);
});

test("focus returns to where it was when the palette closes", async ({ page }) => {
  await page.goto("/flows");
  const search = page.getByRole("searchbox", { name: "Filter flows" });
  await search.focus();
  await openPalette(page);
  await expect(palette(page).getByRole("combobox")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(search).toBeFocused();
});

test("an Enter that ends an IME composition chooses nothing", async ({ page }) => {
  await page.goto("/flows");
  await openPalette(page);
  const input = palette(page).getByRole("combobox");
  await expect(input).toBeFocused();
  const session = await page.context().newCDPSession(page);
  await session.send("Input.imeSetComposition", {
    text: "플로",
    selectionStart: 2,
    selectionEnd: 2,
  });
  await expect(input).toHaveValue("플로");
  for (const more of [{ isComposing: true }, { keyCode: 229 }]) {
    await input.evaluate((element, init) => {
      const event = new KeyboardEvent("keydown", {
        key: "Enter",
        code: "Enter",
        bubbles: true,
        cancelable: true,
        ...init,
      });
      element.dispatchEvent(event);
    }, more);
  }
  await session.send("Input.insertText", { text: "플로" });
  await expect(palette(page)).toBeVisible();
  await expect(page).toHaveURL("/flows");
});

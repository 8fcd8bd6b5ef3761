import { createServer, type Server } from "node:http";
import { expect, test } from "@playwright/test";
import { Webhook } from "standardwebhooks";
import { expectAccessible } from "./axe.ts";
import { api, pressUntil, removeFlow, saveFlow } from "./product.ts";

const name = "story-hook";
const others = ["story-chat", "story-mail"];
const flow = "told-flow";

let receiver: Server;
let works = true;
const received: { headers: Record<string, string>; body: string }[] = [];

test.beforeAll(async () => {
  receiver = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => {
      body += part.toString();
    });
    request.on("end", () => {
      received.push({ headers: request.headers as Record<string, string>, body });
      response.writeHead(works ? 204 : 503).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
});

test.afterAll(async () => {
  await removeFlow(`${flow}.yaml`);
  for (const one of await api.notify.channels.query()) {
    if ([name, ...others].includes(one.name)) await api.notify.remove.mutate({ name: one.name });
  }
  await new Promise((resolve) => receiver.close(resolve));
});

const address = () => {
  const at = receiver.address();
  return `http://127.0.0.1:${typeof at === "object" ? at?.port : 0}/hook`;
};

test("a channel is added, tested, breaks, and what it missed is sent again", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("link", { name: "Settings" }).click();
  await expect(page.getByRole("heading", { name: "Notifications", level: 1 })).toBeVisible();
  await expect(page.getByText("A channel is a place outside Idem")).toBeVisible();
  await expectAccessible(page);

  await page.getByRole("button", { name: "Add channel" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  await expect(dialog.getByText("Write an address that begins with")).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole("textbox", { name: "Name" }).fill(name);
  await dialog.getByRole("textbox", { name: "Address" }).fill(address());
  await dialog.getByRole("checkbox", { name: "Default channel" }).uncheck();
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  const secret = await dialog.locator("code").innerText();
  expect(secret).toMatch(/^whsec_/);
  await dialog.getByRole("button", { name: "I have copied it" }).click();
  await expect(page.getByText(secret)).toBeHidden();

  const deliveries = page.getByRole("list", { name: "Deliveries" }).getByRole("listitem");
  await page.getByRole("button", { name: `Send a test to ${name}` }).click();
  await expect(deliveries.first().getByText("delivered")).toBeVisible();
  const [told] = received;
  expect(new Webhook(secret).verify(told?.body ?? "", told?.headers ?? {})).toMatchObject({
    type: "test",
  });

  works = false;
  await page.getByRole("button", { name: `Send a test to ${name}` }).click();
  const broken = deliveries.filter({ hasText: "503" }).first();
  await expect(broken.getByText("trying again")).toBeVisible();
  const channel = page.getByRole("list", { name: "Channels" }).getByRole("listitem");
  await expect(channel.filter({ hasText: name }).getByText("trying again")).toBeVisible();
  await expectAccessible(page);

  works = true;
  await broken.getByRole("button", { name: /^Send delivery \d+ again$/ }).click();
  const again = deliveries.filter({ hasText: "sent again, first as" });
  await expect(again.getByText("delivered")).toBeVisible();

  const act = async (what: string) => {
    await page.getByRole("button", { name: `Actions for ${name}` }).click();
    await page.getByRole("menuitem", { name: what }).click();
    await dialog.getByRole("button", { name: what }).click();
  };
  await act("New secret");
  await expect(dialog.locator("code")).toHaveText(/^whsec_/);
  await expect(dialog.locator("code")).not.toHaveText(secret);
  await dialog.getByRole("button", { name: "I have copied it" }).click();

  await page.setViewportSize({ width: 390, height: 844 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await act("Remove");
  await expect(page.getByText("No channel yet")).toBeVisible();
});

test("Slack and mail are set up, what is wrong is said beside its field, and mail is changed", async ({
  page,
}) => {
  await page.goto("/");
  const palette = page.getByRole("dialog", { name: "Search and jump" }).getByRole("combobox");
  await pressUntil(page, "Control+k", () => palette.isVisible());
  await palette.fill("notif");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Notifications", level: 1 })).toBeVisible();

  const dialog = page.getByRole("dialog");
  const field = (label: string) => dialog.getByRole("textbox", { name: label, exact: true });
  const add = dialog.getByRole("button", { name: "Add", exact: true });
  const open = async (kind: string, channel: string) => {
    await page.getByRole("button", { name: "Add channel" }).click();
    await field("Name").fill(channel);
    await dialog.getByRole("combobox", { name: "Kind" }).click();
    await page.getByRole("option", { name: kind }).click();
    await dialog.getByRole("checkbox", { name: "Default channel" }).uncheck();
    await add.click();
  };
  const channels = page.getByRole("list", { name: "Channels" }).getByRole("listitem");

  await open("Slack", "story-chat");
  await expect(dialog.getByText("Write an address that begins with")).toBeVisible();
  await field("Address of the Slack webhook").fill(address());
  await add.click();
  await expect(channels.filter({ hasText: "story-chat" })).toContainText("Slack");
  // The address is its secret.
  await expect(page.getByText(address())).toBeHidden();

  await open("E-mail", "story-mail");
  await expect(dialog.getByText("Write the name or address of the mail server.")).toBeVisible();
  await expect(dialog.getByText("Write an e-mail address such as")).toHaveCount(2);
  await expectAccessible(page);
  await field("Mail server").fill("127.0.0.1");
  await field("Port").fill("70000");
  await field("Sender").fill("idem@example.org");
  await field("Recipients").fill("ops@example.org, night@example.org");
  await add.click();
  await expect(dialog.getByText("Write a whole number from 1 to 65535.")).toBeVisible();
  await field("Port").fill("9");
  await add.click();
  const mail = channels.filter({ hasText: "story-mail" });
  await expect(mail).toContainText("ops@example.org, night@example.org");

  await page.getByRole("button", { name: "Actions for story-mail" }).click();
  await page.getByRole("menuitem", { name: "Edit" }).click();
  await expect(field("Mail server")).toHaveValue("127.0.0.1");
  await field("Recipients").fill("day@example.org");
  await dialog.getByRole("combobox", { name: "Language of messages" }).click();
  await page.getByRole("option", { name: "한국어" }).click();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(mail).toContainText("day@example.org");
  await expect(mail).not.toContainText("ops@example.org");
  const stored = (await api.notify.channels.query()).find((one) => one.name === "story-mail");
  expect(stored).toMatchObject({ language: "ko", settings: { port: 9 } });
});

test("the page of a flow says who is told, and marks a channel that nobody has", async ({
  page,
}) => {
  await saveFlow(
    `${flow}.yaml`,
    [
      `id: ${flow}`,
      "notify: [{ on: [failed], to: nobody-has-it }]",
      "tasks:",
      "  work: { type: noop }",
      "",
    ].join("\n"),
  );
  await page.goto(`/flows/${flow}`);
  await expect(page.getByText("nobody-has-it (no such channel)")).toBeVisible();
});

import { expect, test } from "@playwright/test";
import { execute } from "#cli/execute.ts";

let run = "";

test.beforeAll(async ({ baseURL }) => {
  let out = "";
  const code = await execute({
    args: ["run", "hello", "--json"],
    env: { IDEM_URL: baseURL },
    cwd: ".",
    streams: {
      out: (text) => {
        out += text;
      },
      err: () => {},
    },
  });
  expect(code, out).toBe(0);
  run = JSON.parse(out).id;
});

const pages = [
  ...["/", "/flows", "/flows/hello", "/flows/hello?view=graph", "/flows/hello?view=code"],
  ...["/flows/hello/run", "/runs", "/runners"],
  ...["graph", "timeline", "logs", "io", "manifest"].map((tab) => `/runs/:id?tab=${tab}`),
];

for (const path of pages) {
  test(`${path} works under its content security policy without an error`, async ({ page }) => {
    const errors: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(message.text());
    });
    page.on("pageerror", (error) => errors.push(error.message));
    const response = await page.goto(path.replace(":id", run));
    expect(response?.status()).toBe(200);
    expect(response?.headers()["content-security-policy"]).toContain("'strict-dynamic'");
    await expect(page.getByRole("main")).toBeVisible();
    expect(errors).toEqual([]);
  });
}

test("nobody is answered who calls the server by another name", async ({ request }) => {
  const response = await request.get("/", { headers: { host: "evil.example" } });
  expect(response.status()).toBe(421);
});

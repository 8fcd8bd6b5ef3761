import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { execute } from "#cli/execute.ts";
import {
  descendantsOf,
  gone,
  makeHome,
  type Product,
  type ProductOptions,
  processesOf,
  removeHome,
  startProduct,
} from "../../test/product.ts";

const ORPHAN_LIMIT_MS = 15_000;

const products: Product[] = [];
const homes = new Set<string>();

async function start(options?: ProductOptions): Promise<Product> {
  const product = await startProduct(options);
  products.push(product);
  homes.add(product.home);
  return product;
}

function pidOf(product: Product): number {
  const { pid } = product.process;
  if (pid === undefined) throw new Error("The product did not start");
  return pid;
}

async function isHealthy(product: Product): Promise<boolean> {
  return fetch(`${product.url}/api/health`).then(
    (response) => response.ok,
    () => false,
  );
}

/** True when PostgreSQL started it: its own processes stay with it. */
function isBelow(pid: number, postgres: number | undefined): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const parent = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
  return Number(parent) === postgres;
}

/** Executes a command of the command line and returns its JSON. */
async function idem(product: Product, ...args: string[]) {
  let out = "";
  const code = await execute({
    args: [...args, "--json"],
    env: { IDEM_URL: product.url },
    cwd: product.home,
    streams: {
      out: (text) => {
        out += text;
      },
      err: () => {},
    },
  });
  expect(code, out).toBe(0);
  return JSON.parse(out);
}

/** Starts a run whose task writes its process id to `witness` and goes on for long. */
async function startLongRun(product: Product): Promise<{ id: string; witness: string }> {
  const witness = join(product.home, "data", "witness");
  await writeFile(
    join(product.home, "long.yaml"),
    'id: long\ntasks:\n  a: { type: shell, run: "echo $$ > $IDEM_DATA/witness; sleep 600" }\n',
  );
  await idem(product, "flow", "push", "long.yaml");
  const { id } = await idem(product, "run", "long");
  await expect.poll(() => existsSync(witness), { timeout: 20_000 }).toBe(true);
  return { id, witness };
}

afterEach(async () => {
  for (const product of products.splice(0)) await product.stop();
  for (const home of homes) await removeHome(home);
  homes.clear();
});

describe("a start", () => {
  it("prints the address once everything answers, and SIGTERM ends all in order", async () => {
    const product = await start({ env: { IDEM_RUNNERS: "2" } });
    await product.ready();
    expect(product.stdout()).toBe(`Idem is ready: ${product.url}\n`);
    expect(await isHealthy(product)).toBe(true);
    const found = await processesOf(pidOf(product), product.home);
    expect(found.runners).toHaveLength(2);
    const { postgres } = found;
    if (postgres === undefined) throw new Error("PostgreSQL does not run");

    product.process.kill("SIGTERM");
    const web = gone(found.web, 10_000);
    const runners = Promise.all(found.runners.map((pid) => gone(pid, 40_000)));
    const [webTook, runnersTook, postgresTook] = [
      await web,
      await runners,
      await gone(postgres, 60_000),
    ];
    expect(await product.exited).toBe(0);
    expect(webTook).toBeLessThanOrEqual(Math.min(...runnersTook));
    expect(Math.max(...runnersTook)).toBeGreaterThan(0);
    expect(postgresTook).toBeGreaterThanOrEqual(0);
  });

  it("takes a Ctrl-C like a SIGTERM", async () => {
    const product = await start();
    await product.ready();
    // npm passes on what the terminal has sent to both.
    product.process.kill("SIGINT");
    product.process.kill("SIGINT");
    expect(await product.exited).toBe(0);
    expect(product.stderr()).not.toContain("at once");
    expect(await isHealthy(product)).toBe(false);
  });

  it("can be stopped before it is ready", async () => {
    const product = await start();
    await expect.poll(() => product.stderr(), { timeout: 20_000 }).toContain("Creating");
    product.process.kill("SIGTERM");
    expect(await product.exited).toBe(0);
    expect(spawnSync("pgrep", ["-f", `${product.home}/`]).stdout.toString()).toBe("");
  });

  it("refuses a home that another one has", async () => {
    const first = await start();
    await first.ready();
    const second = await start({ home: first.home });
    expect(await second.exited).toBe(1);
    expect(second.stderr()).toBe(
      `Idem already runs on ${first.home} (process ${first.process.pid}). Stop it first, or set IDEM_HOME to another folder.\n`,
    );
    expect(await isHealthy(first)).toBe(true);
  });
});

describe("after a SIGKILL of the supervisor", () => {
  it("only PostgreSQL stays, and the next start goes on with it", async () => {
    const first = await start();
    await first.ready();
    const { id, witness } = await startLongRun(first);
    const before = await processesOf(pidOf(first), first.home);
    const all = [...(await descendantsOf(pidOf(first))), Number(await readFile(witness, "utf8"))];
    const doomed = all.filter((pid) => pid !== before.postgres && !isBelow(pid, before.postgres));
    expect(doomed).toEqual(expect.arrayContaining([before.web, ...before.runners]));
    first.process.kill("SIGKILL");
    await Promise.all(doomed.map((pid) => gone(pid, ORPHAN_LIMIT_MS)));

    await rm(witness);
    // Its task goes on for minutes: nothing is gained by waiting for it at the end.
    const env = { IDEM_DRAIN_MS: "200" };
    const second = await start({ home: first.home, port: first.port, env });
    await second.ready();
    // The task that was cut off is tried again, in the same run.
    await expect.poll(() => existsSync(witness), { timeout: 20_000 }).toBe(true);
    expect(await idem(second, "runs", "show", id)).toMatchObject({ state: "running" });
    const after = await processesOf(pidOf(second), second.home);
    expect(after.postgres).toBe(before.postgres);
    expect(second.stderr()).toContain("Found the embedded PostgreSQL running");
    expect(await second.stop()).toBe(0);
    if (after.postgres !== undefined) await gone(after.postgres, 0);
  });

  it("a start at once waits for the port instead of giving up", async () => {
    const first = await start();
    await first.ready();
    first.process.kill("SIGKILL");
    const second = await start({ home: first.home, port: first.port });
    await second.ready();
    expect(await isHealthy(second)).toBe(true);
  });
});

describe("the supervisor starts again", () => {
  it("a killed web process", async () => {
    const product = await start();
    await product.ready();
    const { web } = await processesOf(pidOf(product), product.home);
    process.kill(web, "SIGKILL");
    await gone(web, 5_000);
    await expect.poll(() => isHealthy(product), { timeout: 20_000 }).toBe(true);
    expect((await processesOf(pidOf(product), product.home)).web).not.toBe(web);
  });

  it("a killed runner", async () => {
    const product = await start();
    await product.ready();
    const [runner] = (await processesOf(pidOf(product), product.home)).runners;
    if (runner === undefined) throw new Error("There is no runner");
    process.kill(runner, "SIGKILL");
    await gone(runner, 5_000);
    await expect
      .poll(async () => (await processesOf(pidOf(product), product.home)).runners, {
        timeout: 20_000,
      })
      .toEqual([expect.not.toSatisfy((pid: number) => pid === runner)]);
  });

  it("a killed PostgreSQL", async () => {
    const product = await start();
    await product.ready();
    const { postgres } = await processesOf(pidOf(product), product.home);
    if (postgres === undefined) throw new Error("PostgreSQL does not run");
    process.kill(postgres, "SIGKILL");
    await gone(postgres, 5_000);
    await expect.poll(() => isHealthy(product), { timeout: 30_000 }).toBe(true);
    expect((await processesOf(pidOf(product), product.home)).postgres).not.toBe(postgres);
  });
});

describe("npm start", () => {
  const command = ["npm", "start"];

  it("passes SIGTERM on and waits for the end", async () => {
    const product = await start({ command });
    await product.ready();
    product.process.kill("SIGTERM");
    await product.exited;
    expect(await isHealthy(product)).toBe(false);
    expect(spawnSync("pgrep", ["-f", `${product.home}/`]).stdout.toString()).toBe("");
  });

  it("leaves nothing behind when npm itself is killed", async () => {
    const product = await start({ command });
    await product.ready();
    product.process.kill("SIGKILL");
    await expect
      .poll(() => spawnSync("pgrep", ["-f", `${product.home}/`]).stdout.toString(), {
        timeout: ORPHAN_LIMIT_MS,
      })
      .toBe("");
  });
});

it("serves an ordinary account as well", { skip: process.getuid?.() !== 0 }, async () => {
  const nobody = { uid: 65_534, gid: 65_534 };
  const home = await makeHome(nobody);
  homes.add(home);
  const product = await start({ home, account: nobody, env: { HOME: home } });
  await product.ready();
  const { postgres } = await processesOf(pidOf(product), home);
  expect(postgres).toBeTypeOf("number");
  expect(await product.stop()).toBe(0);
});

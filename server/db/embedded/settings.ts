/** What Idem remembers about its embedded server between starts, in `IDEM_HOME/postgres.json`. */
import { chmod, open, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { AppError } from "#server/core/errors.ts";

const schema = z.object({
  version: z.literal(1),
  dataDir: z.string().min(1),
  port: z.int().min(1).max(65_535),
  password: z.string().min(20),
  /** False until the data directory and the database in it exist. */
  initialised: z.boolean(),
});
export type EmbeddedSettings = z.infer<typeof schema>;

export const SETTINGS_FILE = "postgres.json";

/**
 * @returns null when this home has no embedded server yet
 * @throws AppError UNAVAILABLE when the file is there and cannot be understood
 */
export async function readSettings(home: string): Promise<EmbeddedSettings | null> {
  const path = join(home, SETTINGS_FILE);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new AppError("UNAVAILABLE", `${path} is damaged.`, {
      fix: "Restore it from a backup; the embedded database cannot be opened without its password.",
      cause,
    });
  }
}

/** Writes durably and atomically; only the owner may read the file, for it holds the password. */
export async function writeSettings(home: string, settings: EmbeddedSettings): Promise<void> {
  const path = join(home, SETTINGS_FILE);
  const partial = `${path}.new`;
  const file = await open(partial, "w", 0o600);
  try {
    await file.writeFile(`${JSON.stringify(settings, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await chmod(partial, 0o600);
  await rename(partial, path);
  const folder = await open(dirname(path), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

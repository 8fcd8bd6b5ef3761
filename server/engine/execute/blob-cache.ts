/** Files of revisions on this machine's disk, by the hash of their content. */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../../core/errors.ts";
import { readBlob } from "../../db/flow/blobs.ts";
import type { Queryable } from "../../db/sql.ts";

export class BlobCache {
  readonly #sql: Queryable;
  readonly #folder: string;

  /** @param folder created when needed */
  constructor(sql: Queryable, folder: string) {
    this.#sql = sql;
    this.#folder = folder;
  }

  /**
   * The bytes of a blob. What lies on disk is checked against its hash each time, for tasks run
   * under the same account and could have changed it; a damaged file is fetched anew.
   * @throws AppError INTERNAL when neither disk nor database has it
   */
  async read(sha256: string): Promise<Buffer> {
    const cached = await readFile(this.#place(sha256)).catch(() => null);
    if (cached !== null && hashOf(cached) === sha256) return cached;
    const bytes = await readBlob(this.#sql, sha256);
    if (bytes === null || hashOf(bytes) !== sha256) {
      throw new AppError("INTERNAL", `The file with the hash ${sha256} is missing or damaged.`);
    }
    await this.#store(sha256, bytes);
    return bytes;
  }

  /**
   * A path where the blob lies for good.
   * @param extension appended to the file's name, with its dot
   */
  async path(sha256: string, extension: string): Promise<string> {
    const bytes = await this.read(sha256);
    const place = this.#place(sha256) + extension;
    const there = await readFile(place).catch(() => null);
    if (there === null || hashOf(there) !== sha256) await this.#write(place, bytes);
    return place;
  }

  #place(sha256: string): string {
    return join(this.#folder, sha256);
  }

  async #store(sha256: string, bytes: Buffer): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await this.#write(this.#place(sha256), bytes);
  }

  /** Beside it first, then renamed: nobody ever sees half a file. */
  async #write(place: string, bytes: Buffer): Promise<void> {
    const partial = `${place}.${randomBytes(6).toString("hex")}`;
    try {
      await writeFile(partial, bytes, { mode: 0o444 });
      await rename(partial, place);
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
  }
}

function hashOf(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

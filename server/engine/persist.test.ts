import { describe, expect, it } from "vitest";
import { AppError } from "../core/errors.ts";
import { persist } from "./persist.ts";

const failure = (code: string, syscall = "write") =>
  Object.assign(new Error(`${code}: ${syscall}`), { code, syscall });

/** Fails with each of these in turn, then gives "done". */
function failing(...errors: Error[]) {
  const left = [...errors];
  return async () => {
    const error = left.shift();
    if (error !== undefined) throw error;
    return "done";
  };
}

async function attempt(work: () => Promise<string>, stopped = () => false) {
  const told: string[] = [];
  const onShortage = ({ message }: Error) => told.push(message);
  const result = await persist(work, { stopped, onShortage, restMs: 1 }).catch(
    (error: Error) => error,
  );
  return { result, told };
}

describe("persist", () => {
  it.each([
    { error: failure("ECONNRESET", "read"), why: "a connection that broke" },
    { error: failure("ENOENT", "connect"), why: "a server without its socket" },
    { error: failure("EMFILE", "connect"), why: "no descriptor for a connection" },
    { error: failure("57P01", ""), why: "a server that shuts down" },
    { error: failure("53100", ""), why: "a server with a full disk" },
    { error: new Error("Query read timeout"), why: "no answer in time" },
  ])("repeats without a word after $why", async ({ error }) => {
    expect(await attempt(failing(error, error))).toEqual({ result: "done", told: [] });
  });

  it.each(["ENOSPC", "EDQUOT", "EMFILE", "ENFILE"])(
    "repeats after %s and says so once",
    async (code) => {
      const error = failure(code);
      expect(await attempt(failing(error, error, error))).toEqual({
        result: "done",
        told: [error.message],
      });
    },
  );

  it.each([
    { error: failure("EACCES", "mkdir"), why: "a folder that may not be written" },
    { error: failure("EROFS", "open"), why: "a disk that is read only" },
    { error: failure("ENOTDIR", "mkdir"), why: "a file in the place of a folder" },
    { error: failure("23505", ""), why: "a row that is there already" },
    { error: new AppError("INVALID_INPUT", "bad"), why: "what is wrong with the task" },
  ])("gives up at once after $why", async ({ error }) => {
    expect(await attempt(failing(error))).toEqual({ result: error, told: [] });
  });

  it("gives up when it is stopped, with the reason", async () => {
    let tries = 0;
    const error = failure("ENOSPC");
    const work = () => {
      tries += 1;
      return Promise.reject(error);
    };
    expect((await attempt(work, () => tries === 3)).result).toBe(error);
    expect(tries).toBe(3);
  });
});

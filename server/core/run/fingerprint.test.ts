import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fingerprint } from "./fingerprint.ts";

describe("the fingerprint of an error", () => {
  it.each([
    ["row 17 of 2300 is bad", "row 9 of 41 is bad", "counts"],
    ["no file /data/2015/a.csv", "no file /data/2016/b.csv", "paths"],
    ["no file ./in/a.csv", "no file ../b/c.csv", "relative paths"],
    ["cannot open C:\\in\\a.csv", "cannot open C:\\in\\b.csv", "paths of Windows"],
    ["day 2015-01-03 is missing", "day 2016-11-30 is missing", "dates"],
    [
      "at 2026-01-01T02:00:00.123Z: refused",
      "at 2026-05-06 12:13:14+09:00: refused",
      "instants of both forms",
    ],
    [
      "order 7b0f9d8e-1111-4222-8333-444455556666 not found",
      "order 00000000-0000-4000-8000-000000000000 not found",
      "UUIDs",
    ],
    ["commit 9f8e7d6c1 is gone", "commit 01a2b3c4d5 is gone", "hashes"],
    [
      "GET https://example.org/a/1?b=2 timed out",
      "GET http://other.example/x timed out",
      "addresses of the web",
    ],
    ["connect ECONNREFUSED 10.0.0.1:5432", "connect ECONNREFUSED 10.9.8.7:99", "addresses"],
    ["took 1.5s, limit 1,000 ms", "took 22s, limit 30 ms", "measures"],
    ["session aB3dE5fG7hJ9kL1mN", "session zz9yy8xx7ww6vv5uu4", "long ids"],
    ["Error:\u001b[31m red 1\u001b[0m", "Error: red 2", "colours and white space"],
    ["key 'u_1' exists\n  at line 3", "key 'u_2' exists\n  at line 99", "later lines"],
  ])("is one for %j and %j: %s", (a, b) => {
    expect(fingerprint(a)).toBe(fingerprint(b));
    expect(fingerprint(a)).not.toBe("");
  });

  it.each([
    ["connection refused", "connection reset", "another word"],
    ["column name is missing", "column day is missing", "a name"],
    ["Error: disk full", "Warning: disk full", "another level"],
  ])("differs for %j and %j: %s", (a, b) => {
    expect(fingerprint(a)).not.toBe(fingerprint(b));
  });

  it("keeps what a person needs to know the error by", () => {
    expect(fingerprint("FileNotFoundError: /data/in/7.csv has not arrived at 02:00:11")).toBe(
      "FileNotFoundError: ‹path› has not arrived at ‹time›",
    );
  });

  it("is never changed by a number, at most 200 characters, and its own fingerprint", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), fc.nat(), fc.nat(), (text, a, b) => {
        expect(fingerprint(`failed after ${a} rows`)).toBe(fingerprint(`failed after ${b} rows`));
        const once = fingerprint(text);
        expect(once.length).toBeLessThanOrEqual(200);
        expect(once).not.toMatch(/[0-9\n]/);
      }),
    );
  });

  it("is found quickly in hostile text", () => {
    const began = performance.now();
    for (const part of ["/a", "1.", "a1", "x://", "-1", "~/", "0x"]) {
      fingerprint(part.repeat(50_000));
    }
    expect(performance.now() - began).toBeLessThan(500);
  });
});

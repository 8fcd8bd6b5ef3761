import { describe, expect, it } from "vitest";
import { globEnters, globFault, globMatches } from "./glob.ts";

describe("globMatches", () => {
  it.each([
    { pattern: "data.csv", path: "data.csv", want: true, why: "a plain path" },
    { pattern: "data.csv", path: "a/data.csv", want: false, why: "it is relative to the folder" },
    { pattern: "./data.csv", path: "data.csv", want: true, why: "a leading ./ says nothing" },
    { pattern: "*.py", path: "a.py", want: true, why: "* stands for a part of a name" },
    { pattern: "*.py", path: "a/b.py", want: false, why: "* does not cross folders" },
    { pattern: "**/*.py", path: "a/b/c.py", want: true, why: "** crosses folders" },
    { pattern: "**/*.py", path: "c.py", want: true, why: "** may stand for none" },
    { pattern: "a/**", path: "a/b/c", want: true, why: "** at the end takes all below" },
    { pattern: "?.txt", path: "ab.txt", want: false, why: "? is one character" },
    { pattern: "?.txt", path: "😀.txt", want: true, why: "whatever its width" },
    { pattern: "*", path: ".env", want: false, why: "hidden files must be named" },
    { pattern: ".env", path: ".env", want: true, why: "as here" },
    { pattern: "**", path: ".git/config", want: false, why: "nor does ** enter hidden folders" },
    { pattern: "{a,b}/*.{js,ts}", path: "b/x.ts", want: true, why: "braces are alternatives" },
    { pattern: "{a,b{c,d}}", path: "bd", want: true, why: "braces nest" },
    { pattern: "a.c", path: "abc", want: false, why: "a dot is a dot" },
    { pattern: "[a]", path: "[a]", want: true, why: "other characters mean themselves" },
    { pattern: "a*b*c", path: "aXbYbZc", want: true, why: "stars may give back" },
  ])("$pattern on $path is $want: $why", ({ pattern, path, want }) => {
    expect(globMatches(pattern, path)).toBe(want);
  });

  it("takes linear time on a pattern that makes others backtrack", () => {
    const path = `${"a".repeat(5_000)}b`;
    expect(globMatches(`${"a*".repeat(200)}c`, path)).toBe(false);
  });
});

describe("globEnters", () => {
  it.each([
    { pattern: "*.py", folder: "a", want: false, why: "nothing below can match" },
    { pattern: "a/*.py", folder: "a", want: true, why: "files in it can" },
    { pattern: "a/*.py", folder: "b", want: false, why: "another name" },
    { pattern: "**/x", folder: "a/b", want: true, why: "** goes everywhere" },
    { pattern: "**/x", folder: ".git", want: false, why: "but into hidden folders" },
    { pattern: "a/b/c", folder: "a/b/c", want: false, why: "the last name is a file's" },
  ])("$pattern into $folder is $want: $why", ({ pattern, folder, want }) => {
    expect(globEnters(pattern, folder)).toBe(want);
  });
});

describe("globFault", () => {
  it.each([
    { pattern: "/etc/passwd", want: "FILE_OUTSIDE", why: "absolute" },
    { pattern: "C:/x", want: "FILE_OUTSIDE", why: "absolute on Windows" },
    { pattern: "../x", want: "FILE_OUTSIDE", why: "upwards" },
    { pattern: "a/../../x", want: "FILE_OUTSIDE", why: "upwards in the middle" },
    { pattern: "{.,}./x", want: "FILE_OUTSIDE", why: "upwards once braces are expanded" },
    { pattern: "a\\..\\x", want: "FILE_OUTSIDE", why: "backslashes" },
    { pattern: "a\0b", want: "INVALID_VALUE", why: "NUL" },
    { pattern: ".", want: "INVALID_VALUE", why: "the folder itself" },
    { pattern: "{a,b}".repeat(10), want: "INVALID_VALUE", why: "a thousand alternatives" },
    { pattern: "a..b/c", want: undefined, why: "dots within a name are fine" },
    { pattern: "**/*.{csv,json}", want: undefined, why: "sound" },
  ])("$pattern gives $want: $why", ({ pattern, want }) => {
    expect(globFault(pattern)?.code).toBe(want);
  });
});

import { describe, expect, it } from "vitest";
import { parseAnsi, plainText } from "./ansi.ts";

const ESC = "\u001b";

describe("parseAnsi", () => {
  it.each([
    { raw: "plain", want: [{ text: "plain", styles: [] }], why: "no escape, one piece" },
    {
      raw: `${ESC}[31mred${ESC}[0m rest`,
      want: [
        { text: "red", styles: ["ansi-red-fg"] },
        { text: " rest", styles: [] },
      ],
      why: "a named colour and its end",
    },
    {
      raw: `${ESC}[1ma${ESC}[4mb`,
      want: [
        { text: "a", styles: ["ansi-bold"] },
        { text: "b", styles: ["ansi-bold", "ansi-underline"] },
      ],
      why: "a later decoration leaves the earlier piece alone",
    },
    {
      raw: `${ESC}[38;5;208mo${ESC}[48;2;1;2;3mt`,
      want: [
        { text: "o", styles: [], color: "rgb(255, 135, 0)" },
        { text: "t", styles: [], color: "rgb(255, 135, 0)", background: "rgb(1, 2, 3)" },
      ],
      why: "palette and true colours",
    },
    {
      raw: `${ESC}[97;44mx`,
      want: [{ text: "x", styles: ["ansi-bright-white-fg", "ansi-blue-bg"] }],
      why: "bright text on a background",
    },
    {
      raw: `<img src=x onerror=alert(1)>${ESC}[32m&amp;`,
      want: [
        { text: "<img src=x onerror=alert(1)>", styles: [] },
        { text: "&amp;", styles: ["ansi-green-fg"] },
      ],
      why: "markup is text",
    },
    {
      raw: `${ESC}]0;title\u0007a${ESC}]8;;http://x${ESC}\\link${ESC}[2J${ESC}[1;1H`,
      want: [{ text: "alink", styles: [] }],
      why: "titles, links and cursor moves are dropped",
    },
    {
      raw: "10%\r20%\r100%\r",
      want: [{ text: "100%", styles: [] }],
      why: "overwritten text is gone",
    },
    {
      raw: "a\u0000b\u0007c\td\u007f",
      want: [{ text: "a␀b␇c\td␡", styles: [] }],
      why: "control characters are shown",
    },
    {
      raw: "a\u202eb",
      want: [{ text: "a\ufffdb", styles: [] }],
      why: "direction marks cannot hide text",
    },
    { raw: `${ESC}[31m`, want: [{ text: "", styles: [] }], why: "a colour without text" },
  ])("$why", ({ raw, want }) => {
    expect(parseAnsi(raw)).toEqual(want);
  });

  it("gives back the text without escapes", () => {
    expect(plainText(`${ESC}[1;31merror${ESC}[0m: no file`)).toBe("error: no file");
  });
});

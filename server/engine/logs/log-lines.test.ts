import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LineMask, LineSplitter, MAX_LINE_BYTES } from "./log-lines.ts";

interface Line {
  text: Buffer;
  continued: boolean;
}

function split(parts: readonly Buffer[], mask: LineMask | null = null): Line[] {
  const lines: Line[] = [];
  const splitter = new LineSplitter((bytes, count, continued) => {
    const whole = bytes.toString("latin1").split("\n");
    expect(whole).toHaveLength(count);
    for (const line of whole) lines.push({ text: Buffer.from(line, "latin1"), continued });
  }, mask);
  for (const part of parts) splitter.write(part);
  splitter.end();
  return lines;
}

/** The bytes as a reader joins them. */
function join(lines: readonly Line[]): Buffer {
  return Buffer.concat(
    lines.flatMap(({ text, continued }) => (continued ? [text] : [text, Buffer.from("\n")])),
  );
}

const parts = fc.array(
  fc
    .array(fc.oneof(fc.constant(10), fc.constant(13), fc.nat({ max: 255 })), { maxLength: 40 })
    .map((bytes) => Buffer.from(bytes)),
);

describe("lines", () => {
  it("do not depend on how the stream was cut", () => {
    fc.assert(
      fc.property(parts, (pieces) => {
        const whole = Buffer.concat(pieces);
        expect(split(pieces)).toEqual(split([whole]));
        const ended = whole.length === 0 || whole.at(-1) === 10;
        const expected = ended ? whole : Buffer.concat([whole, Buffer.from("\n")]);
        expect(join(split(pieces))).toEqual(expected);
      }),
    );
  });

  it("are broken when they are too long, never within a character", () => {
    for (const offset of [0, 1, 2, 3]) {
      const long = Buffer.from(`${"x".repeat(offset)}${"😀".repeat(50_000)}\nshort\n`);
      const lines = split([long.subarray(0, 100_000), long.subarray(100_000)]);
      expect(join(lines).equals(long)).toBe(true);
      expect(lines.map((line) => line.continued)).toEqual([true, true, true, false, false]);
      for (const { text } of lines) {
        expect(text.length).toBeLessThanOrEqual(MAX_LINE_BYTES);
        expect(Buffer.from(text.toString("utf8")).equals(text)).toBe(true);
      }
    }
  });

  it("need not be text at all", () => {
    const noise = Buffer.alloc(200_000, 0x80);
    expect(join(split([noise])).equals(Buffer.concat([noise, Buffer.from("\n")]))).toBe(true);
  });
});

describe("a mask", () => {
  const secret = "s3cret-value";
  const mask: LineMask = {
    mask: (bytes) => Buffer.from(bytes.toString("latin1").replaceAll(secret, "***"), "latin1"),
    longest: secret.length,
  };

  it("finds a secret wherever the stream and the line are cut", () => {
    for (let before = MAX_LINE_BYTES - 30; before <= MAX_LINE_BYTES + 30; before += 1) {
      const text = Buffer.from(`${"x".repeat(before)}${secret}${"y".repeat(50)}\n${secret}`);
      for (const cut of [before, before + 4, before + secret.length]) {
        const stored = join(split([text.subarray(0, cut), text.subarray(cut)], mask)).toString();
        expect(stored).toBe(`${"x".repeat(before)}***${"y".repeat(50)}\n***\n`);
      }
    }
  });
});

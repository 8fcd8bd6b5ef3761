import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openSecretBox, placeOfChannel } from "./secret-box.ts";

const boxOf = (key: Buffer) => openSecretBox({ IDEM_SECRET_KEY: key.toString("base64") });
const ops = placeOfChannel("ops");

describe("a stored secret", () => {
  it("comes back as it was, and never stands in what is stored", () => {
    const box = boxOf(randomBytes(32));
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), (text) => {
        const sealed = box.seal(text, ops);
        expect(box.open(sealed, ops)).toBe(text);
        expect(sealed.includes(text)).toBe(false);
      }),
    );
  });

  it("opens neither with another key, nor in another place, nor after a change", () => {
    const box = boxOf(randomBytes(32));
    const sealed = box.seal("hunter2", ops);
    const changed = Buffer.from(sealed);
    changed.writeUInt8((changed.at(-1) ?? 0) ^ 1, changed.length - 1);
    const refused = expect.objectContaining({ code: "UNAVAILABLE" });
    expect(() => boxOf(randomBytes(32)).open(sealed, ops)).toThrow(refused);
    expect(() => box.open(sealed, placeOfChannel("other"))).toThrow(refused);
    expect(() => box.open(changed, ops)).toThrow(refused);
  });

  it.each(["short", Buffer.alloc(32).toString("base64")])("takes no key like %s", (key) => {
    const refused = expect.objectContaining({ code: "INVALID_INPUT" });
    expect(() => openSecretBox({ IDEM_SECRET_KEY: key })).toThrow(refused);
  });
});

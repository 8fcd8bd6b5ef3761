import { readdirSync, readFileSync } from "node:fs";
import { createTranslator } from "next-intl";
import { describe, expect, it } from "vitest";
import { messages as en } from "#messages/en.ts";
import { messages as ko } from "#messages/ko.ts";
import { definitionCodes, requestCodes } from "#server/core/errors.ts";
import { locales } from "./locale.ts";

type Tree = { [key: string]: string | Tree };

const root = new URL("../../messages/", import.meta.url);
const areas = readdirSync(new URL("en/", root)).sort();

function read(locale: string, area: string): Tree {
  return JSON.parse(readFileSync(new URL(`${locale}/${area}`, root), "utf8")) as Tree;
}

function leaves(tree: Tree, path = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const here = path === "" ? key : `${path}.${key}`;
    return typeof value === "string" ? [[here, value] as [string, string]] : leaves(value, here);
  });
}

/** Names of the values and tags a message takes. */
function takes(message: string): string[] {
  const values = [...message.matchAll(/\{\s*(\w+)\s*[,}]/g)].map((match) => match[1] ?? "");
  const tags = [...message.matchAll(/<(\w+)>/g)].map((match) => `<${match[1]}>`);
  return [...new Set([...values, ...tags])].sort();
}

/** The values and tags a message writes out; one that only chooses a plural may be left out. */
function writes(message: string): string[] {
  return takes(message.replaceAll(/\{\s*\w+\s*,\s*plural\s*,/g, "{"));
}

it("has the same files in every language", () => {
  for (const locale of locales) {
    expect(readdirSync(new URL(`${locale}/`, root)).sort()).toEqual(areas);
  }
});

it("loads every file for the pages, under its name as a word of code", () => {
  const spaces = areas.map((area) =>
    area.replace(".json", "").replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
  );
  for (const messages of [en, ko]) expect(Object.keys(messages).sort()).toEqual(spaces.sort());
  expect(Object.values(en)).not.toEqual(Object.values(ko));
});

it("has a sentence and a way out for every code of an error", () => {
  for (const locale of locales) {
    const { codes } = read(locale, "errors.json");
    const wanted = [...definitionCodes, ...requestCodes].sort();
    expect(Object.keys(codes as Tree).sort()).toEqual(wanted);
    for (const code of wanted) {
      expect((codes as Tree)[code], code).toEqual({
        message: expect.stringMatching(/\.$/),
        fix: expect.stringMatching(/\.$/),
      });
    }
  }
});

it("names the last minute without its number", () => {
  const t = createTranslator({ locale: "en", messages: en });
  const window = (minutes: number) => t("queue.window.minutes", { minutes });
  expect([window(1), window(5)]).toEqual(["the last minute", "the last 5 minutes"]);
});

describe.each(areas)("%s", (area) => {
  const english = new Map(leaves(read("en", area)));
  const korean = new Map(leaves(read("ko", area)));

  it("has the same keys in both languages", () => {
    expect([...korean.keys()].sort()).toEqual([...english.keys()].sort());
  });

  it("has no empty message", () => {
    for (const [key, message] of [...english, ...korean]) {
      expect(message.trim(), key).not.toBe("");
    }
  });

  it("takes the same values in both languages", () => {
    for (const [key, message] of english) {
      const own = takes(korean.get(key) ?? "");
      expect(takes(message), key).toEqual(expect.arrayContaining(own));
      expect(own, key).toEqual(expect.arrayContaining(writes(message)));
    }
  });

  it("is well-formed ICU in both languages", () => {
    for (const locale of locales) {
      const t = createTranslator({
        locale,
        messages: { area: read(locale, area) },
        onError: (error) => {
          throw error;
        },
      });
      for (const [key, message] of leaves(read(locale, area))) {
        const values = Object.fromEntries(
          takes(message).map((name) =>
            name.startsWith("<") ? [name.slice(1, -1), (text: unknown) => text] : [name, 2],
          ),
        );
        expect(() => t.rich(`area.${key}` as never, values as never), key).not.toThrow();
      }
    }
  });

  it("writes in Korean as a number what English counts", () => {
    for (const [key, message] of english) {
      const counted = [...message.matchAll(/\{\s*(\w+)\s*,\s*plural/g)].map((match) => match[1]);
      for (const name of counted) {
        expect(korean.get(key), key).not.toMatch(new RegExp(`\\{\\s*${name}\\s*\\}`));
      }
    }
  });

  it("puts no Korean particle behind a value, whose last sound is unknown", () => {
    const particle = /[}>]["'’”)]?(을|를|은|는|이|가|과|와|으로|로|이에요|예요)(?=[\s.,!?)]|$)/;
    for (const [key, message] of korean) expect(message, key).not.toMatch(particle);
  });
});

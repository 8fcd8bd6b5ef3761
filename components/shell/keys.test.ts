import { describe, expect, it } from "vitest";
import { type KeyPress, matchesKeys } from "./keys.ts";

function press(key: string, code: string, more: Partial<KeyPress> = {}): KeyPress {
  return {
    key,
    code,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    isComposing: false,
    keyCode: 65,
    ...more,
  };
}

describe("matchesKeys", () => {
  it.each([
    { keys: "j", event: press("j", "KeyJ"), want: true, why: "the plain key" },
    { keys: "j", event: press("J", "KeyJ"), want: true, why: "Caps Lock changes no meaning" },
    { keys: "j", event: press("ㅓ", "KeyJ"), want: true, why: "a Hangul layout prints ㅓ there" },
    { keys: "j", event: press("о", "KeyJ"), want: true, why: "a Cyrillic layout prints о there" },
    { keys: "j", event: press("h", "KeyJ"), want: false, why: "on Dvorak that key is h" },
    { keys: "j", event: press("j", "KeyC"), want: true, why: "and j lies where C is printed" },
    {
      keys: "j",
      event: press("J", "KeyJ", { shiftKey: true }),
      want: false,
      why: "Shift+J is another shortcut",
    },
    {
      keys: "j",
      event: press("j", "KeyJ", { ctrlKey: true }),
      want: false,
      why: "Ctrl+J belongs to the browser",
    },
    {
      keys: "mod+k",
      event: press("k", "KeyK", { ctrlKey: true }),
      want: true,
      why: "Ctrl is mod",
    },
    {
      keys: "mod+k",
      event: press("k", "KeyK", { metaKey: true }),
      want: true,
      why: "⌘ is mod",
    },
    {
      keys: "mod+k",
      event: press("ㅏ", "KeyK", { ctrlKey: true }),
      want: true,
      why: "Ctrl with a Hangul layout",
    },
    { keys: "mod+k", event: press("k", "KeyK"), want: false, why: "mod is missing" },
    {
      keys: "?",
      event: press("?", "Slash", { shiftKey: true }),
      want: true,
      why: "where it is printed, Shift included",
    },
    {
      keys: "?",
      event: press("?", "Minus", { shiftKey: true }),
      want: true,
      why: "German layouts print ? elsewhere",
    },
    {
      keys: "/",
      event: press("?", "Slash", { shiftKey: true }),
      want: false,
      why: "the same key with Shift is another character",
    },
    { keys: "/", event: press("/", "Slash"), want: true, why: "the plain key" },
    { keys: "escape", event: press("Escape", "Escape"), want: true, why: "a named key" },
    {
      keys: "mod+enter",
      event: press("Enter", "Enter", { ctrlKey: true }),
      want: true,
      why: "a named key with mod",
    },
    {
      keys: "mod+enter",
      event: press("Enter", "Enter", { ctrlKey: true, isComposing: true }),
      want: false,
      why: "this Enter ends a composition",
    },
    {
      keys: "j",
      event: press("Process", "KeyJ", { keyCode: 229 }),
      want: false,
      why: "code 229 belongs to the input method",
    },
  ])("$keys: $why", ({ keys, event, want }) => {
    expect(matchesKeys(event, keys)).toBe(want);
  });
});

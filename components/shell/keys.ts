/** Matching of keyboard shortcuts, apart from React so that it can be tested as a table. */

export interface KeyPress {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  isComposing: boolean;
  keyCode: number;
}

const codeOf: Readonly<Record<string, string>> = { "/": "Slash", "?": "Slash" };

/**
 * True when a key press means the shortcut `keys`, written as `j`, `shift+j`, `mod+k`, `?`, `escape`.
 * `mod` is Ctrl or ⌘. A printed Latin character decides where the layout has one (Dvorak, AZERTY);
 * otherwise the place of the key does, so that J works on a Hangul layout, where it prints ㅓ.
 * A key that belongs to an input method (composing, or code 229) matches nothing.
 */
export function matchesKeys(press: KeyPress, keys: string): boolean {
  if (press.isComposing || press.keyCode === 229) return false;
  const parts = keys.toLowerCase().split("+");
  const main = parts[parts.length - 1] ?? "";
  const wants = (name: string) => parts.includes(name);
  if (wants("mod") !== (press.ctrlKey || press.metaKey)) return false;
  if (wants("alt") !== press.altKey) return false;
  // Shift is part of how a character like "?" is typed, and differs between layouts.
  const shiftMatters = main.length > 1 || /[a-z]/.test(main);
  if (shiftMatters && wants("shift") !== press.shiftKey) return false;
  if (main.length > 1) return press.key.toLowerCase() === main;
  if (/^[\x21-\x7e]$/.test(press.key)) return press.key.toLowerCase() === main;
  if (/[a-z]/.test(main)) return press.code === `Key${main.toUpperCase()}`;
  return press.code === codeOf[main] && press.shiftKey === (main === "?");
}

/** A value as people edit it; nothing for one that is not given. */
export function writeJsonText(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

/** The value that a text stands for: undefined when it is empty, the text itself when it is no JSON. */
export function readJsonText(text: string): unknown {
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** The beginning of a hash, enough to tell two apart by eye. */
export const shortHash = (hash: string): string => hash.slice(0, 10);

/** A parameter's value on one line. */
export function paramText(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

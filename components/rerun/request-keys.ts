/**
 * Idempotency keys of one opened dialog: the same request gets the same key however often it is sent,
 * so that a double click or a repeated request starts one run; another request gets another key.
 * @param newKey makes a key that was never used
 */
export function requestKeys(newKey: () => string): (request: unknown) => string {
  const keys = new Map<string, string>();
  return (request) => {
    const text = JSON.stringify(request);
    const key = keys.get(text) ?? newKey();
    keys.set(text, key);
    return key;
  };
}

/** 128 random bits in hex. `crypto.randomUUID` is missing on pages served without TLS. */
export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

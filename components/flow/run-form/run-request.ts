/** What the form sends, and the key that makes sending it twice harmless. */
import type { Json } from "#server/core/flow/spec.ts";
import type { IntervalView } from "#server/core/run/view.ts";

export interface RunRequest {
  flow: string;
  revision: number;
  params: Record<string, Json>;
  interval?: IntervalView;
  timezone: string;
  from?: string;
}

/** A random key of 128 bits. Works without a secure context, where `randomUUID` is missing. */
export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Gives a request its idempotency key: the same key as long as the request stays the same, so that a
 * second click or a retry after a lost answer finds the first run; a new key once anything changed.
 */
export function requestKeys(makeKey: () => string = randomKey): (request: RunRequest) => string {
  let last: { text: string; key: string } | null = null;
  return (request) => {
    const text = JSON.stringify(request);
    if (last?.text !== text) last = { text, key: makeKey() };
    return last.key;
  };
}

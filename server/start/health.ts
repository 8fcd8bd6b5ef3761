import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

const POLL_MS = 50;
const REQUEST_LIMIT_MS = 10_000;

const answer = z.object({ status: z.string(), missing: z.array(z.string()).optional() });

/**
 * Asks /api/health until it is ok.
 * @param signal ends the wait
 * @param onMissing told from time to time what is still missing
 * @returns true when healthy, false when `signal` ended the wait
 */
export async function awaitHealth(
  address: string,
  signal: AbortSignal,
  onMissing: (what: string) => void,
): Promise<boolean> {
  let patience = 15_000;
  let told = performance.now();
  while (!signal.aborted) {
    const missing = await ask(address, signal);
    if (missing === null) return true;
    if (performance.now() - told > patience) {
      onMissing(missing);
      told = performance.now();
      patience *= 2;
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => {});
  }
  return false;
}

/** @returns null when healthy, else what is missing */
async function ask(address: string, signal: AbortSignal): Promise<string | null> {
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_LIMIT_MS)]);
    const response = await fetch(`${address}/api/health`, { signal: limit });
    const body = await response.text();
    if (response.ok) return null;
    const parsed = answer.safeParse(parse(body));
    const names = parsed.success ? parsed.data.missing : undefined;
    return names?.join(", ") || `the health check answers ${response.status}`;
  } catch {
    // The web process is not listening yet.
    return "the web process";
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

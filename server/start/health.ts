import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

const POLL_MS = 50;
const REQUEST_LIMIT_MS = 10_000;

const answer = z.object({ status: z.string(), missing: z.array(z.string()).optional() });

export interface HealthWait {
  address: string;
  /** Ends the wait. */
  signal: AbortSignal;
  /** What may be missing, such as a runner where none is started on this machine. */
  without: readonly string[];
  /** Told from time to time what is still missing. */
  onMissing: (what: string) => void;
}

/**
 * Asks /api/health until it is ok.
 * @returns true when healthy, false when `signal` ended the wait
 */
export async function awaitHealth(wait: HealthWait): Promise<boolean> {
  const { address, signal, without, onMissing } = wait;
  let patience = 15_000;
  let told = performance.now();
  while (!signal.aborted) {
    const missing = await ask(address, signal);
    if (missing.every((part) => without.includes(part))) return true;
    if (performance.now() - told > patience) {
      onMissing(missing.join(", "));
      told = performance.now();
      patience *= 2;
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => {});
  }
  return false;
}

/** @returns what is missing; nothing when healthy */
async function ask(address: string, signal: AbortSignal): Promise<string[]> {
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_LIMIT_MS)]);
    const response = await fetch(`${address}/api/health`, { signal: limit });
    const body = await response.text();
    if (response.ok) return [];
    const parsed = answer.safeParse(parse(body));
    const names = parsed.success ? parsed.data.missing : undefined;
    return names ?? [`the health check answers ${response.status}`];
  } catch {
    // The web process is not listening yet.
    return ["web process"];
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

import { expect, it } from "vitest";
import { isBlocked } from "./port.ts";

/** Whether Node.js refuses to ask at a port, before it has tried. */
async function isRefused(port: number): Promise<boolean> {
  const signal = AbortSignal.timeout(1_000);
  const error = await fetch(`http://127.0.0.1:${port}`, { signal }).catch(
    (reason: unknown) => reason,
  );
  return error instanceof TypeError && (error.cause as Error | undefined)?.message === "bad port";
}

it("knows the ports at which nobody can open a page, and no others beside them", async () => {
  const blocked = Array.from({ length: 65_536 }, (_, port) => port).filter(isBlocked);
  expect(blocked.length).toBeGreaterThan(80);
  const around = new Set(blocked.flatMap((port) => [port - 1, port, port + 1]));
  for (const port of around) {
    if (port > 0) expect(await isRefused(port), `${port}`).toBe(isBlocked(port));
  }
});

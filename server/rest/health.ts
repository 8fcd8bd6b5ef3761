import { webDeps } from "#server/trpc/deps.ts";
import { checkHealth } from "#server/usecases/health.ts";

/** 200 when work can be done, else 503 naming what is missing. Tells nothing else, so it is open. */
export async function handleHealth(): Promise<Response> {
  const health = await checkHealth(webDeps());
  return Response.json(health, {
    status: health.status === "ok" ? 200 : 503,
    headers: { "cache-control": "no-store" },
  });
}

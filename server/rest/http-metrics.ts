/** Counts requests of this process, for monitoring. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Counter, collectDefaultMetrics, Histogram, Registry } from "prom-client";

export interface HttpMetrics {
  registry: Registry;
  /** Counts a request when it has been answered. */
  observe(request: IncomingMessage, response: ServerResponse): void;
}

declare global {
  // Kept outside the module: the server and the pages that it serves are bundled apart.
  var idemHttpMetrics: HttpMetrics | undefined;
}

export function httpMetrics(): HttpMetrics {
  globalThis.idemHttpMetrics ??= create();
  return globalThis.idemHttpMetrics;
}

function create(): HttpMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: "idem_http_requests_total",
    help: "Requests that have been answered.",
    labelNames: ["kind", "status"],
    registers: [registry],
  });
  const duration = new Histogram({
    name: "idem_http_request_duration_seconds",
    help: "Time to answer, live views not counted.",
    labelNames: ["kind"],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  return {
    registry,
    observe(request, response) {
      const began = performance.now();
      const kind = kindOf(request.url ?? "/", request.headers.accept ?? "");
      response.once("close", () => {
        requests.inc({ kind, status: `${Math.floor(response.statusCode / 100)}xx` });
        if (kind !== "live") duration.observe({ kind }, (performance.now() - began) / 1000);
      });
    },
  };
}

/** Few kinds, whatever addresses are asked for. */
export function kindOf(url: string, accept: string): "api" | "live" | "asset" | "page" {
  if (accept.includes("text/event-stream")) return "live";
  if (url.startsWith("/_next/")) return "asset";
  return url.startsWith("/api/") || url.startsWith("/metrics") ? "api" : "page";
}

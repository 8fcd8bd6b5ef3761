import { randomUUID } from "node:crypto";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { actorOf } from "#server/auth/request-actor.ts";
import { log } from "#server/log.ts";
import { webDeps } from "./deps.ts";
import { toTransportError } from "./init.ts";
import { appRouter } from "./router.ts";

/** Answers everything below /api/trpc. */
export function handleTrpc(request: Request): Promise<Response> {
  const requestId = randomUUID();
  return fetchRequestHandler({
    endpoint: "/api/trpc",
    req: request,
    router: appRouter,
    createContext: () => {
      try {
        return { deps: webDeps(), actor: actorOf(request.headers), requestId };
      } catch (error) {
        throw toTransportError(error);
      }
    },
    responseMeta: () => ({ headers: new Headers({ "x-request-id": requestId }) }),
    onError: ({ error, path }) => {
      if (error.code === "INTERNAL_SERVER_ERROR") {
        log.error({ requestId, path, error: error.cause ?? error }, "request failed");
      }
    },
  });
}

import { randomUUID } from "node:crypto";
import type { TRPCError } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import { TRPC_ERROR_CODES_BY_KEY } from "@trpc/server/rpc";
import { actorOf } from "#server/auth/request-actor.ts";
import { log } from "#server/log.ts";
import { limitBody } from "./body-limit.ts";
import { webDeps } from "./deps.ts";
import { type Context, errorBody, toTransportError } from "./init.ts";
import { appRouter } from "./router.ts";

/** Answers everything below /api/trpc. Who asks is settled first, for streams as well. */
export async function handleTrpc(request: Request): Promise<Response> {
  const requestId = randomUUID();
  const meta = { "x-request-id": requestId };
  let context: Context;
  let req: Request;
  try {
    req = limitBody(request);
    context = { deps: webDeps(), actor: actorOf(request.headers), requestId };
  } catch (error) {
    return refusal(toTransportError(error), requestId, meta);
  }
  return fetchRequestHandler({
    endpoint: "/api/trpc",
    req,
    router: appRouter,
    createContext: () => context,
    responseMeta: () => ({ headers: new Headers(meta) }),
    onError: ({ error, path }) => {
      if (error.code === "INTERNAL_SERVER_ERROR") {
        log.error({ requestId, path, error: error.cause ?? error }, "request failed");
      }
    },
  });
}

/** An error in the API's own envelope, for a request that reaches no procedure. */
function refusal(error: TRPCError, requestId: string, headers: Record<string, string>): Response {
  const app = errorBody(error, requestId);
  const httpStatus = getHTTPStatusCodeFromError(error);
  const code = TRPC_ERROR_CODES_BY_KEY[error.code];
  const data = { code: error.code, httpStatus, app };
  return Response.json(
    { error: { message: app.message, code, data } },
    { status: httpStatus, headers },
  );
}

import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import { log } from "#server/log.ts";
import { errorBody, toTransportError } from "#server/trpc/init.ts";

/** The JSON answer for an error, with the same codes and statuses as the API. */
export function errorResponse(error: unknown, requestId: string): Response {
  const transport = toTransportError(error);
  if (transport.code === "INTERNAL_SERVER_ERROR") {
    log.error({ requestId, error: transport.cause ?? transport }, "request failed");
  }
  return Response.json(
    { error: errorBody(transport, requestId) },
    { status: getHTTPStatusCodeFromError(transport), headers: { "x-request-id": requestId } },
  );
}

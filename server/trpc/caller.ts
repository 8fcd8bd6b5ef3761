import "server-only";
import { randomUUID } from "node:crypto";
import { headers } from "next/headers";
import { actorOf } from "#server/auth/request-actor.ts";
import { webDeps } from "./deps.ts";
import { createCaller } from "./router.ts";

/** The API as server components call it: same procedures, same authorisation, no HTTP. */
export async function caller() {
  const actor = actorOf(await headers());
  return createCaller({ deps: webDeps(), actor, requestId: randomUUID() });
}

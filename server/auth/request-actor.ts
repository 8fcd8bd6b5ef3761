import { AppError } from "#server/core/errors.ts";
import { type Actor, operator } from "./actor.ts";

const loopback = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** The host name in a Host header or an origin, without the port. */
function hostName(authority: string): string {
  return authority.replace(/:\d+$/, "").toLowerCase();
}

/**
 * Who sent a request. Until accounts exist everyone on this machine is the operator, so two doors
 * that loopback alone leaves open are shut here: a foreign name that resolves to this machine (DNS
 * rebinding), and a foreign page that posts to it (cross-site request forgery).
 * @throws AppError FORBIDDEN
 */
export function actorOf(headers: Headers): Actor {
  const host = headers.get("host");
  if (host === null || !loopback.has(hostName(host))) {
    throw new AppError("FORBIDDEN", "Requests are answered on a loopback address only.", {
      fix: "Open http://127.0.0.1 with the port that npm start printed.",
    });
  }
  const origin = headers.get("origin");
  if (origin !== null && (!URL.canParse(origin) || new URL(origin).host !== host)) {
    throw new AppError("FORBIDDEN", "Requests from other origins are refused.", {
      fix: "Use the pages that this server sends.",
    });
  }
  return operator;
}

/**
 * Which requests a server without accounts may answer. It listens on loopback, but a web page from
 * elsewhere can still make a browser send requests there: under its own name by DNS rebinding, or
 * as a form or fetch across origins.
 */

export interface RequestFacts {
  method: string;
  /** Values of the headers, where present. */
  host: string | undefined;
  origin: string | undefined;
  fetchSite: string | undefined;
}

export type Admission = { admitted: true } | { admitted: false; status: 403 | 421; why: string };

const LOOPBACK_NAMES = new Set(["127.0.0.1", "localhost", "[::1]"]);
const READING = new Set(["GET", "HEAD", "OPTIONS"]);

function refuse(status: 403 | 421, why: string): Admission {
  return { admitted: false, status, why };
}

/** Decides by headers that a page cannot forge. Programs other than browsers send no Origin. */
export function admit({ method, host, origin, fetchSite }: RequestFacts): Admission {
  const name = host?.replace(/:\d+$/, "").toLowerCase();
  if (name === undefined || !LOOPBACK_NAMES.has(name)) {
    return refuse(421, "This server answers on this machine's own address only.");
  }
  if (READING.has(method)) return { admitted: true };
  if (origin !== undefined && !isOriginOf(origin, host)) {
    return refuse(403, "Requests from other origins are refused.");
  }
  if (fetchSite !== undefined && fetchSite !== "same-origin" && fetchSite !== "none") {
    return refuse(403, "Requests from other sites are refused.");
  }
  return { admitted: true };
}

function isOriginOf(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}

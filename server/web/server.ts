/** The HTTP server in front of Next: admission, security headers, orderly end. */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import next from "next";
import { httpMetrics } from "#server/rest/http-metrics.ts";
import { admit } from "./admission.ts";
import { isDirect } from "./direct.ts";
import { contentSecurityPolicy, fixedHeaders } from "./headers.ts";

const NONCE_BYTES = 16;
/** Open live pages are cut after this long at a stop; they reconnect by themselves. */
const CLOSE_GRACE_MS = 500;

export interface WebOptions {
  host: string;
  port: number;
  /** Root folder of the project. */
  dir: string;
  development: boolean;
}

export interface WebServer {
  /** Accepts no more requests, lets short ones end, cuts live ones. */
  close(): Promise<void>;
}

function prepareHeaders(
  request: IncomingMessage,
  response: ServerResponse,
  development: boolean,
): void {
  const nonce = randomBytes(NONCE_BYTES).toString("base64");
  const policy = contentSecurityPolicy(nonce, development);
  // Next reads the nonce for its own scripts from the request's policy.
  request.headers["content-security-policy"] = policy;
  response.setHeader("Content-Security-Policy", policy);
  for (const [name, value] of fixedHeaders) response.setHeader(name, value);
}

/**
 * Listens once Next is ready to answer.
 * @throws the error of `listen`, such as EADDRINUSE
 */
export async function startWeb(options: WebOptions): Promise<WebServer> {
  const { host, port, dir, development } = options;
  const http = createServer();
  const app = next({ dev: development, dir, hostname: host, port, httpServer: http });
  await app.prepare();
  const handle = app.getRequestHandler();

  http.on("request", (request: IncomingMessage, response: ServerResponse) => {
    httpMetrics().observe(request, response);
    prepareHeaders(request, response, development);
    if (isDirect(request.socket.remoteAddress, request.headers)) {
      // Next compresses whatever may be compressed (decision 0110).
      delete request.headers["accept-encoding"];
    }
    const admission = admit({
      method: request.method ?? "GET",
      host: request.headers.host,
      origin: request.headers.origin,
      fetchSite: single(request.headers["sec-fetch-site"]),
    });
    if (!admission.admitted) {
      response.writeHead(admission.status, { "Content-Type": "text/plain; charset=utf-8" });
      response.end(`${admission.why}\n`);
      return;
    }
    handle(request, response).catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  await listen(http, host, port);
  return { close: () => close(http) };
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function listen(http: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once("error", reject);
    http.listen({ host, port }, () => {
      http.off("error", reject);
      resolve();
    });
  });
}

function close(http: Server): Promise<void> {
  return new Promise((resolve) => {
    http.close(() => resolve());
    http.closeIdleConnections();
    setTimeout(() => http.closeAllConnections(), CLOSE_GRACE_MS).unref();
  });
}

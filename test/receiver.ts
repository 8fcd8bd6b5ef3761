/** A receiver of notifications: an HTTP server on loopback that keeps what it is sent. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

/** What the n-th request is answered, from 1: a status, or nothing at all. */
export type Answer = (n: number) => number | "never";

export interface Receiver {
  url: string;
  /** Everything so far, answered or not. */
  received: Received[];
  /** Requests whose senders wait for an answer. */
  waiting(): number;
  close(): Promise<void>;
}

export async function startReceiver(answer: Answer): Promise<Receiver> {
  const received: Received[] = [];
  const unanswered = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text) => {
      body += text;
    });
    request.on("end", () => {
      received.push({ headers: request.headers, body });
      const status = answer(received.length);
      if (status !== "never") {
        response.writeHead(status, { location: "/elsewhere" }).end("secret");
        return;
      }
      unanswered.add(response);
      response.once("close", () => unanswered.delete(response));
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    waiting: () => unanswered.size,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/** Tasks of the type `http`, executed by a real runner against a real server. */
import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Executions, openExecutions } from "../../../test/engine/executions.ts";
import type { TaskDraft } from "../../../test/flow-builder.ts";

let executions: Executions;
let server: Server;
let address: string;

beforeAll(async () => {
  executions = await openExecutions();
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () =>
      answer(request.url ?? "", Buffer.concat(parts).toString(), request.headers, response),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await executions.close();
});

function answer(
  url: string,
  body: string,
  headers: IncomingHttpHeaders,
  response: ServerResponse,
): void {
  if (url === "/never") return;
  if (url === "/large") {
    response.end("x".repeat(100_000));
  } else if (url === "/broken") {
    response.writeHead(500, { "content-type": "text/plain" }).end("database is on fire");
  } else {
    response.writeHead(200, { "content-type": "application/json" }).end(
      JSON.stringify({
        body,
        type: headers["content-type"] ?? null,
        mine: headers["x-mine"] ?? null,
      }),
    );
  }
}

const http = (path: string, more: object = {}): TaskDraft => ({
  type: "http",
  with: {
    url: address + path,
    method: "GET",
    headers: {},
    expect: [[200, 299]],
    max_bytes: 50_000,
    ...more,
  },
});

describe("an http task", () => {
  it("hands over status and body", async () => {
    const result = await executions.execute(
      {
        get: http("/echo", { headers: { "x-mine": "{{ params.token }}" } }),
        post: http("/echo", { method: "POST", body: { a: 1 } }),
        text: http("/echo", { method: "POST", body: "plain" }),
      },
      { params: { token: "t1" } },
    );
    expect(result.states).toEqual({ get: "succeeded", post: "succeeded", text: "succeeded" });
    expect(result.output("get")).toMatchObject({ status: 200, body: { body: "", mine: "t1" } });
    expect(result.output("post")).toMatchObject({
      body: { body: '{"a":1}', type: "application/json" },
    });
    expect(result.output("text")).toMatchObject({ body: { body: "plain" } });
  });

  it("fails on an unexpected status, a body too large, a timeout, nobody there", async () => {
    const result = await executions.execute({
      broken: http("/broken"),
      expected: http("/broken", { expect: [[500, 500]] }),
      large: http("/large"),
      never: { ...http("/never"), timeoutMs: 200 },
      nobody: {
        type: "http",
        with: {
          url: "http://127.0.0.1:1/",
          method: "GET",
          headers: {},
          expect: [[200, 299]],
          max_bytes: 1,
        },
      },
    });
    expect(result.states).toEqual({
      broken: "failed",
      expected: "succeeded",
      large: "failed",
      never: "failed",
      nobody: "failed",
    });
    expect(result.attemptsOf("broken")).toMatchObject([
      {
        error: {
          kind: "http",
          status: 500,
          message: "The server answered 500 Internal Server Error",
        },
      },
    ]);
    expect((await result.log("broken")).map((line) => line.text)).toContain("database is on fire");
    expect(result.attemptsOf("large")).toMatchObject([
      { error: { kind: "http", message: "The answer is longer than 50000 bytes." } },
    ]);
    expect(result.attemptsOf("never")).toMatchObject([{ state: "timed_out" }]);
    expect(result.attemptsOf("nobody")).toMatchObject([
      { error: { kind: "http", message: expect.stringMatching(/did not answer/) } },
    ]);
  });
});

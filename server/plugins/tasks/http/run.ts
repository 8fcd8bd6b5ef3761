import type { Json } from "#server/core/flow/spec.ts";
import { MAX_OUTPUT_BYTES } from "#server/core/run/output.ts";
import { type RunTask, TaskFailure } from "#server/plugins/sdk.ts";
import type { HttpSettings } from "./spec.ts";

/** How much of an unexpected answer is worth showing. */
const EXCERPT_BYTES = 2_000;

/**
 * Sends the request once. Redirects are followed as a browser does.
 * The output is `{ status, headers, body }`: the body as JSON when the answer says it is, as text
 * when it is text, and left out when it is neither or longer than an output may be.
 */
export const run: RunTask = async (context) => {
  const { url, method, headers, body, expect, max_bytes } =
    context.settings as unknown as HttpSettings;
  const address = parseUrl(url);
  const text = typeof body === "string" || body === undefined ? body : JSON.stringify(body);
  const isJson = text !== undefined && typeof body !== "string";
  const sent = new Headers(isJson ? { "content-type": "application/json" } : {});
  for (const [name, value] of Object.entries(headers)) setHeader(sent, name, value);

  context.log.info(`${method} ${shown(address)}`);
  context.checkLease();
  const response = await send(address, {
    method,
    headers: sent,
    signal: context.signal,
    ...(text === undefined ? {} : { body: text }),
  });
  const bytes = await readBody(response, max_bytes);
  context.log.info(`${response.status} ${response.statusText} (${bytes.length} bytes)`.trim());
  if (!expect.some(([from, to]) => response.status >= from && response.status <= to)) {
    const excerpt = bytes.subarray(0, EXCERPT_BYTES).toString("utf8").trim();
    if (excerpt !== "") context.log.error(excerpt);
    throw new TaskFailure({
      kind: "http",
      message: `The server answered ${response.status} ${response.statusText}`.trim(),
      status: response.status,
    });
  }
  return outputOf(response, bytes);
};

function parseUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed?.protocol === "http:" || parsed?.protocol === "https:") return parsed;
  throw new TaskFailure({
    kind: "template",
    message: `The address was rendered to ${JSON.stringify(url)}, which is no address of the web.`,
  });
}

function setHeader(headers: Headers, name: string, value: string): void {
  try {
    headers.set(name, value);
  } catch {
    throw new TaskFailure({
      kind: "template",
      message: `The header ${name} was rendered to a value that HTTP does not allow.`,
    });
  }
}

/** Without user, password and query, which may be secret. */
function shown(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

async function send(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    // fetch says "fetch failed"; what happened is in the cause.
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TaskFailure({ kind: "http", message: `${url.host} did not answer: ${why}` });
  }
}

async function readBody(response: Response, limit: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const part of partsOf(response)) {
      size += part.length;
      if (size > limit) {
        throw new TaskFailure({
          kind: "http",
          message: `The answer is longer than ${limit} bytes.`,
          status: response.status,
        });
      }
      parts.push(part);
    }
  } catch (error) {
    if (error instanceof TaskFailure) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new TaskFailure({
      kind: "http",
      message: `The answer broke off: ${why}`,
      status: response.status,
    });
  }
  return Buffer.concat(parts);
}

async function* partsOf({ body }: Response): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // Ends the transfer when the rest is not wanted.
    await reader.cancel().catch(() => {});
  }
}

function outputOf(response: Response, bytes: Buffer): Json {
  const headers = Object.fromEntries(response.headers);
  const status = response.status;
  const type = response.headers.get("content-type") ?? "";
  const body = bytes.length > MAX_OUTPUT_BYTES / 2 ? undefined : bodyOf(type, bytes);
  return body === undefined ? { status, headers } : { status, headers, body };
}

function bodyOf(type: string, bytes: Buffer): Json | undefined {
  if (/[/+]json\b/i.test(type)) {
    try {
      return JSON.parse(bytes.toString("utf8")) as Json;
    } catch {
      // It says JSON and is none: then it is text.
      return bytes.toString("utf8");
    }
  }
  return /^text\/|[/+]xml\b|urlencoded|javascript/i.test(type) ? bytes.toString("utf8") : undefined;
}

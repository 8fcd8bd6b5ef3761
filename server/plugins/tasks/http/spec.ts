import { z } from "zod";
import { mergeRanges, type Range } from "#server/core/flow/ranges.ts";
import { refuseField, statusField, webAddress } from "#server/core/flow/read/task-fields.ts";
import type { Json } from "#server/core/flow/spec.ts";
import type { TaskTypeSpec } from "#server/core/flow/task-type.ts";

export const httpMethods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;
export type HttpMethod = (typeof httpMethods)[number];

/** Body of a response that is read when the author sets no limit, and the most that can be set. */
const DEFAULT_MAX_BYTES = 10 * 1024 * 1024;
const MAX_MAX_BYTES = 1024 * 1024 * 1024;

/**
 * `with` of an http task. Strings are templates until they are rendered. How long the request may
 * take is the task's own `timeout`.
 */
export interface HttpSettings {
  url: string;
  method: HttpMethod;
  /** Values by name as written; names differ by more than case. */
  headers: Record<string, string>;
  /** Text is sent as it is; anything else as JSON. Absent: no body. */
  body?: Json;
  /** Ranges of accepted status codes, both ends included. */
  expect: Range[];
  /** A larger response fails the task. */
  max_bytes: number;
}

const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const headers = z.record(z.string(), z.string()).check((ctx) => {
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(ctx.value)) {
    const fault = !headerName.test(name)
      ? `"${name.slice(0, 80)}" is no name of an HTTP header.`
      : seen.has(name.toLowerCase())
        ? `The header "${name}" is set twice.`
        : /[\r\n]/.test(value)
          ? `The header "${name}" has a line break.`
          : null;
    seen.add(name.toLowerCase());
    if (fault !== null) refuseField(ctx, "INVALID_VALUE", fault, "Correct or remove the header.");
  }
});

const json: z.ZodType<Json> = z.json();

export const httpSpec: TaskTypeSpec = {
  type: "http",
  title: "HTTP request",
  description: "Sends a request and fails unless the answer has an expected status.",
  icon: "globe",
  params: z
    .strictObject({
      url: webAddress.describe("Where to, beginning with https:// or http://."),
      method: z.enum(httpMethods).default("GET"),
      headers: headers.default({}),
      body: json.exactOptional().describe("Text as it is; a list or map is sent as JSON."),
      expect: z
        .array(statusField)
        .min(1)
        .max(50)
        .default([[200, 299]])
        .transform(mergeRanges)
        .describe("Status codes that count as success, such as 200, 200-299 or 2xx."),
      max_bytes: z.int().min(0).max(MAX_MAX_BYTES).default(DEFAULT_MAX_BYTES),
    })
    .check((ctx) => {
      const { method, body } = ctx.value;
      if (body === undefined || (method !== "GET" && method !== "HEAD")) return;
      ctx.issues.push({
        code: "custom",
        message: `A ${method} request has no body.`,
        params: { code: "INVALID_VALUE", fix: "Set method to POST or PUT, or remove body." },
        input: body,
        path: ["body"],
      });
    }),
  writes: ({ method }) =>
    method === "GET" || method === "HEAD" || method === "OPTIONS" ? "none" : "external",
};

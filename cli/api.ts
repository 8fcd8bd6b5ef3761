/** The client of the server's API, and what its errors mean for a command. */
import { createTRPCClient, httpBatchLink, type TRPCClient, TRPCClientError } from "@trpc/client";
import { z } from "zod";
import type { ErrorCode, Problem } from "#server/core/errors.ts";
import type { AppRouter } from "#server/trpc/router.ts";
import { Failure } from "./failure.ts";

export type Api = TRPCClient<AppRouter>;

const DEFAULT_URL = "http://127.0.0.1:3000";
/** Longer addresses are refused by servers and proxies. */
const MAX_URL_LENGTH = 8_000;
const MAX_BATCH = 20;

export interface ApiSettings {
  url: string;
  token: string | undefined;
}

/** @throws Failure USAGE when IDEM_URL is not an http address */
export function apiSettings(env: Readonly<Record<string, string | undefined>>): ApiSettings {
  const url = env.IDEM_URL || DEFAULT_URL;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new Failure("USAGE", `IDEM_URL is ${url}, which is not an address.`, {
      fix: `Write it like ${DEFAULT_URL}.`,
    });
  }
  return { url: url.replace(/\/+$/, ""), token: env.IDEM_TOKEN || undefined };
}

export function createApi({ url, token }: ApiSettings): Api {
  return createTRPCClient<AppRouter>({
    links: [
      httpBatchLink({
        url: `${url}/api/trpc`,
        maxURLLength: MAX_URL_LENGTH,
        maxItems: MAX_BATCH,
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      }),
    ],
  });
}

const body = z.object({
  app: z.object({
    code: z.custom<ErrorCode>((code) => typeof code === "string"),
    message: z.string(),
    fix: z.string().optional(),
    problems: z.custom<readonly Problem[]>(Array.isArray).optional(),
    data: z.record(z.string(), z.unknown()).optional(),
  }),
});

/** Any error of a command as a Failure; what is not the server's own word is its silence. */
export function toFailure(error: unknown, url: string): Failure {
  if (error instanceof Failure) return error;
  if (!(error instanceof TRPCClientError)) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return new Failure("INTERNAL", message);
  }
  const told = body.safeParse(error.data);
  if (told.success) {
    const { code, message, fix, problems, data } = told.data.app;
    return new Failure(code, message, { fix, problems, data });
  }
  return new Failure("UNAVAILABLE", `Idem does not answer at ${url} (${reason(error)}).`, {
    fix: "Start it with npm start, or set IDEM_URL.",
  });
}

/** fetch says only "fetch failed"; the reason is the innermost cause. */
function reason(error: Error): string {
  let innermost: Error = error;
  while (innermost.cause instanceof Error) innermost = innermost.cause;
  if (innermost instanceof AggregateError && innermost.errors[0] instanceof Error) {
    return innermost.errors[0].message;
  }
  return innermost.message;
}

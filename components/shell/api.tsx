"use client";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createTRPCClient,
  httpBatchLink,
  httpSubscriptionLink,
  splitLink,
  type TRPCLink,
} from "@trpc/client";
import { createTRPCContext } from "@trpc/tanstack-react-query";
import { type ReactNode, useState } from "react";
import type { AppRouter } from "#server/trpc/router.ts";

const context = createTRPCContext<AppRouter>();

/** Options for queries, mutations and subscriptions, typed by the server's router. */
export const useTRPC = context.useTRPC;
/** The plain client, for calls outside of React Query. */
export const useTRPCClient = context.useTRPCClient;

/**
 * Paged queries say in which direction they go on. Lists here go one way only, and the API refuses
 * what it does not know.
 */
const dropDirection: TRPCLink<AppRouter> =
  () =>
  ({ op, next }) => {
    const { input } = op;
    if (op.type !== "query" || typeof input !== "object" || input === null) return next(op);
    const { direction: _, ...rest } = input as Record<string, unknown>;
    return next({ ...op, input: rest });
  };

function makeClient() {
  const url = "/api/trpc";
  return createTRPCClient<AppRouter>({
    links: [
      dropDirection,
      splitLink({
        condition: (op) => op.type === "subscription",
        true: httpSubscriptionLink({ url }),
        false: httpBatchLink({ url, maxURLLength: 4_000 }),
      }),
    ],
  });
}

/**
 * Pages are rendered by the server with fresh data, handed to queries as `initialData`. What nobody
 * looks at is dropped soon, so that going back to a page starts from the server's data, not from old.
 */
function makeQueryClient() {
  return new QueryClient({
    defaultOptions: {
      queries: { staleTime: 2_000, gcTime: 5_000, retry: 2, refetchOnWindowFocus: true },
      mutations: { retry: false },
    },
  });
}

export function ApiProvider({ children }: { children: ReactNode }) {
  const [queryClient] = useState(makeQueryClient);
  const [trpcClient] = useState(makeClient);
  return (
    <QueryClientProvider client={queryClient}>
      <context.TRPCProvider trpcClient={trpcClient} queryClient={queryClient}>
        {children}
      </context.TRPCProvider>
    </QueryClientProvider>
  );
}

import "server-only";
import { TRPCError } from "@trpc/server";
import { notFound } from "next/navigation";

/** Awaits what a page shows; a thing that does not exist becomes the not-found page. */
export async function orNotFound<Value>(loading: Promise<Value>): Promise<Value> {
  try {
    return await loading;
  } catch (error) {
    if (
      error instanceof TRPCError &&
      (error.code === "NOT_FOUND" || error.code === "BAD_REQUEST")
    ) {
      notFound();
    }
    throw error;
  }
}

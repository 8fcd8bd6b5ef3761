export { handleTrpc as GET, handleTrpc as POST } from "#server/trpc/handler.ts";

export const dynamic = "force-dynamic";

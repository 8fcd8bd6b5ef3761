export { handleHealth as GET } from "#server/rest/health.ts";

export const dynamic = "force-dynamic";

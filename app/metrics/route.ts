export { handleMetrics as GET } from "#server/rest/metrics.ts";

export const dynamic = "force-dynamic";

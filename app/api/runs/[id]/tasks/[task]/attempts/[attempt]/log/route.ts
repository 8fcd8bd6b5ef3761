import { handleLogDownload } from "#server/rest/log-download.ts";

export const dynamic = "force-dynamic";

export async function GET(
  request: Request,
  context: { params: Promise<{ id: string; task: string; attempt: string }> },
): Promise<Response> {
  return handleLogDownload(request, await context.params);
}

import { randomUUID } from "node:crypto";
import { z } from "zod";
import { actorOf } from "#server/auth/request-actor.ts";
import { MAX_TASK_RUNS } from "#server/core/flow/spec.ts";
import { webDeps } from "#server/trpc/deps.ts";
import { runId, taskId } from "#server/usecases/runs/inputs.ts";
import { downloadLog } from "#server/usecases/runs/logs.ts";
import { errorResponse } from "./errors.ts";

const place = z
  .object({
    id: runId,
    task: taskId,
    attempt: z.coerce.number().int().positive().max(1_000_000),
    /** For a task run of a list: its place there. */
    item: z.coerce.number().int().min(0).max(MAX_TASK_RUNS).optional(),
  })
  .strict();

/** Sends the log of one attempt as a file, byte for byte as stored. */
export async function handleLogDownload(request: Request, params: unknown): Promise<Response> {
  const requestId = randomUUID();
  try {
    const item = new URL(request.url).searchParams.get("item") ?? undefined;
    const { item: index, ...rest } = place.parse({ ...(params as object), item });
    const input = { ...rest, ...(index === undefined ? {} : { item: index }) };
    const actor = actorOf(request.headers);
    const chunks = await downloadLog(webDeps(), actor, input);
    const part = index === undefined ? "" : `-${index}`;
    const name = `run-${input.id}-${input.task}${part}-${input.attempt}.log`;
    return new Response(streamOf(chunks), {
      headers: {
        "content-type": "text/plain; charset=utf-8",
        "content-disposition": `attachment; filename="${name.replace(/[^\w.-]/g, "_")}"`,
        "x-content-type-options": "nosniff",
      },
    });
  } catch (error) {
    return errorResponse(error, requestId);
  }
}

/** A web stream over an iterable that is read only as fast as the receiver takes it. */
function streamOf(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => {
      await iterator.return?.();
    },
  });
}

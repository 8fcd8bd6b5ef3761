import { AppError } from "#server/core/errors.ts";

/** Room for the largest definition that may be pushed with its bundle and files, in bytes. */
export const MAX_BODY_BYTES = 64 * 1024 * 1024;

/**
 * The request, with a body that ends in an error once it is larger than allowed, whatever its sender
 * says of its length.
 * @throws AppError PAYLOAD_TOO_LARGE for a length that is said and too large, before anything is read
 */
export function limitBody(request: Request, limit = MAX_BODY_BYTES): Request {
  if (request.body === null) return request;
  const length = request.headers.get("content-length");
  // A body never gets longer than its length: the HTTP server ends it there.
  if (length !== null) {
    if (Number(length) > limit) throw tooLarge(limit);
    return request;
  }
  let bytes = 0;
  const counted = request.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.byteLength;
        if (bytes > limit) controller.error(tooLarge(limit));
        else controller.enqueue(chunk);
      },
    }),
  );
  return new Request(request, { body: counted, duplex: "half" } as RequestInit);
}

function tooLarge(limit: number): AppError {
  return new AppError("PAYLOAD_TOO_LARGE", `The request is larger than ${limit >> 20} MB.`, {
    fix: "Send less at a time.",
  });
}

/** Cuts the output of one stream into lines. */

const LINE_FEED = 10;
/** A longer line is broken, so that no reader ever has to hold more. */
export const MAX_LINE_BYTES = 64 * 1024;

/** What secrets are replaced with before a line is stored. */
export interface LineMask {
  /** May change the length. What it returns contains nothing that it would change again. */
  mask(bytes: Buffer): Buffer;
  /** Length in bytes of the longest text that it replaces. */
  longest: number;
}

/**
 * Takes whole lines.
 * @param bytes     `count` lines joined by line feeds, without the last one
 * @param continued the (only) line goes on in the next one
 */
export type EmitLines = (bytes: Buffer, count: number, continued: boolean) => void;

export class LineSplitter {
  readonly #emit: EmitLines;
  readonly #mask: LineMask | null;
  #partial: Buffer[] = [];
  #partialBytes = 0;

  constructor(emit: EmitLines, mask: LineMask | null) {
    this.#emit = emit;
    this.#mask = mask;
  }

  /** Bytes of a line that has not ended yet. */
  get pendingBytes(): number {
    return this.#partialBytes;
  }

  /** @param bytes any part of the stream; kept as long as its last line has not ended */
  write(bytes: Buffer): void {
    let start = 0;
    for (;;) {
      const feed = bytes.indexOf(LINE_FEED, start);
      if (feed < 0) break;
      if (this.#partialBytes === 0 && this.#mask === null && bytes.length <= MAX_LINE_BYTES) {
        start = this.#block(bytes, start);
        break;
      }
      this.#line(bytes.subarray(start, feed));
      start = feed + 1;
    }
    if (start === bytes.length) return;
    // A copy: a view would keep the whole of a read buffer alive for the sake of its tail.
    this.#partial.push(Buffer.from(bytes.subarray(start)));
    this.#partialBytes += bytes.length - start;
    if (this.#partialBytes > this.#limit) this.#breakLong();
  }

  /**
   * All whole lines at once: a busy task writes thousands for each read, and an object for each of
   * them would cost more than everything else. None can be too long here.
   * @returns where the line begins that has not ended
   */
  #block(bytes: Buffer, start: number): number {
    const end = bytes.lastIndexOf(LINE_FEED);
    let count = 0;
    for (let at = start; at <= end; at = bytes.indexOf(LINE_FEED, at) + 1) count += 1;
    this.#emit(bytes.subarray(start, end), count, false);
    return end + 1;
  }

  /** The stream has ended: what is left is its last line. */
  end(): void {
    if (this.#partialBytes > 0) this.#line(Buffer.alloc(0));
  }

  /** Room for a secret that begins within the part that is emitted and ends behind it. */
  get #limit(): number {
    return MAX_LINE_BYTES + (this.#mask?.longest ?? 0);
  }

  #line(tail: Buffer): void {
    let line = tail;
    if (this.#partialBytes > 0) {
      line = Buffer.concat([...this.#partial, tail]);
      this.#partial = [];
      this.#partialBytes = 0;
    }
    let rest = this.#masked(line);
    while (rest.length > MAX_LINE_BYTES) {
      const cut = cutBefore(rest, MAX_LINE_BYTES);
      this.#emit(rest.subarray(0, cut), 1, true);
      rest = rest.subarray(cut);
    }
    this.#emit(rest, 1, false);
  }

  #breakLong(): void {
    let rest = this.#masked(Buffer.concat(this.#partial));
    while (rest.length > this.#limit) {
      const cut = cutBefore(rest, MAX_LINE_BYTES);
      this.#emit(rest.subarray(0, cut), 1, true);
      rest = rest.subarray(cut);
    }
    this.#partial = [rest];
    this.#partialBytes = rest.length;
  }

  #masked(line: Buffer): Buffer {
    return this.#mask === null ? line : this.#mask.mask(line);
  }
}

/** The place at or a little before `at` that does not lie within a UTF-8 character. */
function cutBefore(bytes: Buffer, at: number): number {
  let cut = at;
  while (cut > at - 4 && ((bytes[cut] ?? 0) & 0xc0) === 0x80) cut -= 1;
  // Four continuation bytes in a row are no UTF-8: then any place is as good.
  return ((bytes[cut] ?? 0) & 0xc0) === 0x80 ? at : cut;
}

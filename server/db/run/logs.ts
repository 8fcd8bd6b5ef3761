/**
 * Logs of attempts: chunks of consecutive lines. A chunk's body is its lines joined by line feeds,
 * as they came; `marks` has one byte for each line.
 */
import type { Pool } from "pg";
import type { LogLine, LogPage } from "../../core/run/attempt-view.ts";
import type { Queryable } from "../sql.ts";

export interface LogKey {
  runId: string;
  ordinal: number;
  attempt: number;
}

export const mark = {
  stderr: 1,
  /** The line was too long and goes on in the next one. */
  continued: 2,
  /** Written by Idem, not by the task. */
  notice: 4,
  /** This notice says that the rest of the log was not kept. */
  truncated: 8,
} as const;

const LINE_FEED = 10;

export interface NewChunk extends LogKey {
  /** From 0, without gaps. */
  seq: number;
  /** 1-based number of its first line. */
  firstLine: number;
  at: Date;
  body: Buffer;
  /** One byte for each line. */
  marks: Buffer;
}

/**
 * Stores chunks of running attempts. A chunk that is there already is left alone, so that a batch
 * may be sent again.
 * @param runnerId the attempts are stored only while they are this runner's
 * @returns how many were stored; fewer than given when some were there or were refused
 */
export async function insertChunks(
  sql: Queryable,
  runnerId: string,
  chunks: readonly NewChunk[],
): Promise<number> {
  const width = 8;
  const rows = chunks.map((_, i) => {
    const parameter = (n: number) => `$${2 + i * width + n}`;
    return `(${parameter(0)}::bigint, ${parameter(1)}::int, ${parameter(2)}::int, ${parameter(3)}::int,
      ${parameter(4)}::int, ${parameter(5)}::timestamptz, ${parameter(6)}::bytea, ${parameter(7)}::bytea)`;
  });
  const result = await sql.query(
    `insert into log_chunk (run_id, ordinal, attempt, seq, first_line, line_count, at, body, marks)
     select c.run_id, c.ordinal, c.attempt, c.seq, c.first_line, length(c.marks), c.at, c.body, c.marks
       from (values ${rows.join(", ")})
            as c(run_id, ordinal, attempt, seq, first_line, at, body, marks)
      where exists (
        select from task_run t
         where t.run_id = c.run_id and t.ordinal = c.ordinal and t.attempt = c.attempt
           and t.state = 'running' and t.runner_id = $1)
     on conflict do nothing`,
    [
      runnerId,
      ...chunks.flatMap((c) => [
        c.runId,
        c.ordinal,
        c.attempt,
        c.seq,
        c.firstLine,
        c.at,
        c.body,
        c.marks,
      ]),
    ],
  );
  return result.rowCount ?? 0;
}

/** Whether an attempt is still running on this runner. */
export async function isRunning(sql: Queryable, runnerId: string, key: LogKey): Promise<boolean> {
  const result = await sql.query(
    `select from task_run
      where run_id = $2 and ordinal = $3 and attempt = $4 and state = 'running' and runner_id = $1`,
    [runnerId, key.runId, key.ordinal, key.attempt],
  );
  return result.rowCount === 1;
}

interface ChunkRow {
  firstLine: number;
  lineCount: number;
  at: Date;
  body: Buffer;
  marks: Buffer;
}

interface Summary {
  total: number;
  truncated: boolean;
  ended: boolean;
  firstErrorLine: number | null;
}

/** Notices are all that can follow the one that says that the log was cut. */
const TAIL_CHUNKS = 4;

async function summarise(sql: Queryable, key: LogKey): Promise<Summary> {
  const result = await sql.query<{ last: number | null; marks: Buffer | null } & Summary>(
    `with tail as (
       select first_line + line_count - 1 as last, marks from log_chunk
        where run_id = $1 and ordinal = $2 and attempt = $3 order by seq desc limit ${TAIL_CHUNKS})
     select (select max(last) from tail)::int as last,
            (select string_agg(marks, '') from tail) as marks,
            (select true from attempt a where a.run_id = $1 and a.ordinal = $2 and a.attempt = $3) as ended,
            (select (a.error ->> 'line')::int from attempt a
              where a.run_id = $1 and a.ordinal = $2 and a.attempt = $3) as "firstErrorLine"`,
    [key.runId, key.ordinal, key.attempt],
  );
  const row = result.rows[0];
  return {
    total: row?.last ?? 0,
    truncated: row?.marks?.some((bits) => (bits & mark.truncated) !== 0) ?? false,
    ended: row?.ended === true,
    firstErrorLine: row?.firstErrorLine ?? null,
  };
}

/**
 * Lines of a log by number.
 * @param range `from` is 1-based; at most `count` lines from there on
 */
export async function readLog(
  pool: Pool,
  key: LogKey,
  range: { from: number; count: number },
): Promise<LogPage> {
  // The summary first: whatever is stored after it only makes the page longer than it says.
  const summary = await summarise(pool, key);
  const until = range.from + range.count;
  const chunks = await pool.query<ChunkRow>(
    `select first_line as "firstLine", line_count as "lineCount", at, body, marks from log_chunk
      where run_id = $1 and ordinal = $2 and attempt = $3
        and first_line < $5 and first_line + line_count > $4
      order by seq`,
    [key.runId, key.ordinal, key.attempt, range.from, until],
  );
  const lines: LogLine[] = [];
  for (const chunk of chunks.rows) {
    const at = chunk.at.toISOString();
    for (const { number, bits, bytes } of linesOf(chunk)) {
      if (number < range.from || number >= until) continue;
      lines.push({ n: number, stream: streamOf(bits), text: bytes.toString("utf8"), at });
    }
  }
  return {
    lines,
    total: Math.max(summary.total, lines.at(-1)?.n ?? 0),
    complete: summary.ended,
    truncated: summary.truncated,
    firstErrorLine: summary.firstErrorLine,
  };
}

function streamOf(bits: number): LogLine["stream"] {
  if ((bits & mark.notice) !== 0) return "notice";
  return (bits & mark.stderr) !== 0 ? "stderr" : "stdout";
}

function* linesOf(
  chunk: ChunkRow,
): Generator<{ number: number; bits: number; bytes: Buffer; last: boolean }> {
  let start = 0;
  for (let i = 0; i < chunk.lineCount; i++) {
    const last = i === chunk.lineCount - 1;
    const found = last ? -1 : chunk.body.indexOf(LINE_FEED, start);
    const end = found < 0 ? chunk.body.length : found;
    yield {
      number: chunk.firstLine + i,
      bits: chunk.marks[i] ?? 0,
      bytes: chunk.body.subarray(start, end),
      last,
    };
    start = end + 1;
  }
}

/** Chunks fetched at a time when a log is read from one end to the other. */
const FETCH = 16;

/**
 * Numbers of the lines that contain a text, upper and lower case alike.
 * @returns at most `limit` numbers, ascending, and whether there are more
 */
export async function searchLog(
  pool: Pool,
  key: LogKey,
  text: string,
  options: { limit: number },
): Promise<{ lines: number[]; more: boolean }> {
  const wanted = text.toLowerCase();
  const lines: number[] = [];
  if (wanted === "") return { lines, more: false };
  for await (const chunk of chunksOf(pool, key)) {
    // One look at the whole chunk first: most have no match.
    if (!chunk.body.toString("utf8").toLowerCase().includes(wanted)) continue;
    for (const { number, bytes } of linesOf(chunk)) {
      if (!bytes.toString("utf8").toLowerCase().includes(wanted)) continue;
      if (lines.length === options.limit) return { lines, more: true };
      lines.push(number);
    }
  }
  return { lines, more: false };
}

/**
 * A log from beginning to end, byte for byte as the task wrote it, with the notices between. Every
 * line ends in a line feed; a line that was broken for its length is joined again.
 */
export async function* streamLog(pool: Pool, key: LogKey): AsyncGenerator<Uint8Array> {
  const feed = Buffer.from([LINE_FEED]);
  for await (const chunk of chunksOf(pool, key)) {
    if (!chunk.marks.some((bits) => (bits & mark.continued) !== 0)) {
      yield Buffer.concat([chunk.body, feed]);
      continue;
    }
    const parts: Buffer[] = [];
    for (const { bits, bytes } of linesOf(chunk)) {
      parts.push(bytes);
      if ((bits & mark.continued) === 0) parts.push(feed);
    }
    yield Buffer.concat(parts);
  }
}

async function* chunksOf(pool: Pool, key: LogKey): AsyncGenerator<ChunkRow> {
  for (let seq = 0; ; ) {
    const { rows } = await pool.query<ChunkRow & { seq: number }>(
      `select seq, first_line as "firstLine", line_count as "lineCount", at, body, marks
         from log_chunk
        where run_id = $1 and ordinal = $2 and attempt = $3 and seq >= $4
        order by seq limit ${FETCH}`,
      [key.runId, key.ordinal, key.attempt, seq],
    );
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < FETCH) return;
    seq = last.seq + 1;
  }
}

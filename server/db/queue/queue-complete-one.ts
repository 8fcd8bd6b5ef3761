/** The success of one task alone, which is what most reports are: a chain hands over one at a time. */
import type { CompleteResult, Success } from "./queue.ts";
import type { HotConnection } from "./queue-connection.ts";

/** What the function of the database returns; see its migration. */
interface Row {
  revision: string | null;
  taken: number[] | null;
  attempts: number[] | null;
  undecided: boolean;
  released: boolean;
  queued: boolean;
  freed: boolean;
  unended: boolean;
  ended: boolean;
}

const COMPLETE_ONE = `
select of_revision::text as revision, taken, attempts, undecided, released, queued, freed, unended, ended
  from idem_complete_one($1, $2, $3, $4, $5, $6, $7, $8, $9)`;

/** How many tasks may be taken, and which. */
export interface Take {
  /** Most tasks that need a slot. */
  keep: number;
  /** Most tasks of the instant types. */
  besides: number;
  /** Task types that are done as soon as they are taken. */
  instant: readonly string[];
  /** Labels of the runner. */
  labels: readonly string[];
}

/**
 * As `complete`, for one success.
 * @returns null when nothing was recorded: the attempt is no longer this runner's, or the task run is
 *   a part of a list
 */
export async function completeOne(
  connection: HotConnection,
  runnerId: string,
  { runId, ordinal, attempt, output }: Success,
  { keep, besides, instant, labels }: Take,
): Promise<CompleteResult | null> {
  const result = output === undefined ? null : JSON.stringify(output);
  const [row] = await connection.run<Row>({
    name: "complete_one",
    text: COMPLETE_ONE,
    values: [runnerId, runId, ordinal, attempt, result, keep, besides, instant, labels],
  });
  if (row === undefined) throw new Error("complete returned no row");
  const { revision, taken, attempts, released, queued, freed } = row;
  if (revision === null) return null;
  const followers = (taken ?? []).map((child, i) => ({
    runId,
    ordinal: child,
    attempt: attempts?.[i] ?? 0,
    revisionId: revision,
    takesSlot: true,
    each: null,
  }));
  const mine = (is: boolean) => (is ? [runId] : []);
  return {
    taken: followers,
    refused: [],
    undecided: mine(row.undecided),
    unended: mine(row.unended),
    ended: mine(row.ended),
    released,
    queued,
    freed,
  };
}

/** One file of the flows folder and the flow that it wants to hold. */
export interface Claim {
  path: string;
  /** The id written in the file, or null when it cannot be read. */
  id: string | null;
  /** Whether the file holds a flow without problems. */
  isSound: boolean;
  /** The flow that the file held when it was last without problems. */
  heldId: string | null;
}

/**
 * Who holds a flow that several files want: the first one by path. A broken file counts only for the
 * flow that it held before, so that it neither loses it nor takes it from another file.
 * @returns for each path that comes too late, the path that holds its flow
 */
export function lateClaims(claims: readonly Claim[]): Map<string, string> {
  const holders = new Map<string, string>();
  const late = new Map<string, string>();
  const ordered = [...claims].sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const { path, id, isSound, heldId } of ordered) {
    const wanted = isSound ? id : heldId;
    if (wanted === null) continue;
    const holder = holders.get(wanted);
    if (holder === undefined) holders.set(wanted, path);
    else if (isSound) late.set(path, holder);
  }
  return late;
}

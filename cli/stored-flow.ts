import type { CallWarning } from "#server/core/flow/call-warnings.ts";

/** A stored flow as scripts see it. */
export interface StoredFlow {
  id: string;
  revision: number;
  hash: string;
  tasks: number;
  origin: string;
  created: boolean;
  warnings: CallWarning[];
}

/** Commands over files print one object for one file and a list for several. */
export function oneOrMany<T>(items: readonly T[]): T | readonly T[] {
  const [only] = items;
  return items.length === 1 && only !== undefined ? only : items;
}

export function describeStored({ id, revision, hash, tasks, created }: StoredFlow): string {
  const news = created ? "" : ", unchanged";
  return `${id} r${revision}  ${tasks} ${tasks === 1 ? "task" : "tasks"}  ${hash}${news}`;
}

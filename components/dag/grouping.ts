import type { GraphIndex } from "./graph-index.ts";

/** Graphs up to this size show every task; larger ones open grouped. */
export const UNGROUPED_LIMIT = 150;

/** Groups and single tasks drawn at most while everything is collapsed. */
const UNIT_LIMIT = 80;
const BAND_LIMIT = 32;

/** Tasks drawn as one box. There are at least two of them, in the order of the graph. */
export interface TaskGroup {
  id: string;
  /** What their ids have in common, or null when they have nothing in common. */
  label: string | null;
  members: string[];
}

/**
 * Partitions a large graph so that the quotient is acyclic and small. Layers are cut into bands; in
 * a band, connected tasks stay together and groups with ids of the same stem are joined. No edge
 * leads from one group of a band to another, and edges between bands lead forward, so no cycle can
 * arise. Tasks that end up alone belong to no group.
 */
export function groupTasks(index: GraphIndex): TaskGroup[] {
  if (index.ids.length <= UNGROUPED_LIMIT) return [];
  const bandSize = Math.max(1, Math.ceil(index.layerCount / BAND_LIMIT));
  const bandCount = Math.ceil(index.layerCount / bandSize);
  const bands: number[][] = Array.from({ length: bandCount }, () => []);
  index.layer.forEach((layer, task) => {
    bands[Math.floor(layer / bandSize)]?.push(task);
  });
  const units = bands.map((band) =>
    joinByStem(bandSize === 1 ? band.map((task) => [task]) : components(band, index), index),
  );
  const total = units.reduce((sum, list) => sum + list.length, 0);
  const quota = total <= UNIT_LIMIT ? Infinity : Math.max(1, Math.floor(UNIT_LIMIT / bandCount));
  return units.flatMap((list, band) =>
    shrink(list, quota)
      .filter((unit) => unit.members.length > 1)
      .map((unit, i) => ({
        id: `group:${band}:${i}`,
        members: unit.members.sort((a, b) => a - b).map((task) => index.ids[task] ?? ""),
      }))
      .map((group) => ({ ...group, label: commonName(group.members) })),
  );
}

/** The whole words that all ids begin with: `s3_0`, `s3_1` → `s3`. Null when they share none. */
export function commonName(ids: readonly string[]): string | null {
  let common = ids[0] ?? "";
  for (const id of ids) {
    let same = 0;
    while (same < common.length && common[same] === id[same]) same++;
    common = common.slice(0, same);
  }
  const cut = Math.max(...[".", "_", "-"].map((mark) => common.lastIndexOf(mark)));
  const name = cut > 0 ? common.slice(0, cut) : common.replace(/\d+$/, "");
  return name.replace(/[._-]+$/, "") || null;
}

type Unit = { members: number[] };

/** The part of a task id that its siblings share: `mProject_00000002` → `mProject`, `t12` → `t`. */
export function stem(id: string): string {
  const tokens = id.split(/[._-]/);
  const kept: string[] = [];
  for (const token of tokens) {
    if (/\d/.test(token)) break;
    kept.push(token);
  }
  if (kept.length > 0) return id.slice(0, kept.join(" ").length);
  return id.replace(/\d.*$/, "") || id;
}

function joinByStem(parts: number[][], index: GraphIndex): Unit[] {
  const units = new Map<string, Unit>();
  parts.forEach((members, i) => {
    const stems = new Set(members.map((task) => stem(index.ids[task] ?? "")));
    const [only] = stems;
    const key = stems.size === 1 && only !== undefined ? only : `\u0000${i}`;
    const unit = units.get(key);
    if (unit) for (const member of members) unit.members.push(member);
    else units.set(key, { members: [...members] });
  });
  return [...units.values()];
}

/** Joins the smallest units of a band until at most `quota` remain. */
function shrink(units: Unit[], quota: number): Unit[] {
  if (units.length <= quota) return units;
  const bySize = [...units].sort((a, b) => b.members.length - a.members.length);
  const kept = bySize.slice(0, quota - 1);
  const rest = bySize.slice(quota - 1).flatMap((unit) => unit.members);
  return [...kept, { members: rest }];
}

/** Connected parts of the tasks of one band, by union-find. */
function components(band: readonly number[], index: GraphIndex): number[][] {
  const inBand = new Set(band);
  const root = new Map<number, number>(band.map((task) => [task, task]));
  const find = (task: number): number => {
    let top = task;
    for (let up = root.get(top); up !== undefined && up !== top; up = root.get(top)) top = up;
    for (let at = task; at !== top; ) {
      const next = root.get(at) ?? top;
      root.set(at, top);
      at = next;
    }
    return top;
  };
  for (const task of band) {
    for (const child of index.children[task] ?? []) {
      if (inBand.has(child)) root.set(find(child), find(task));
    }
  }
  const parts = new Map<number, number[]>();
  for (const task of band) {
    const top = find(task);
    const part = parts.get(top);
    if (part) part.push(task);
    else parts.set(top, [task]);
  }
  return [...parts.values()];
}

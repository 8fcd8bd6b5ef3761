/**
 * The part of a layered drawing that has no sizes: which layer each node is in, where long edges
 * bend, and the order within each layer that leaves few crossings.
 */
export interface Lattice {
  /** Points of each layer in order. A point below the node count is a node, the others are bends. */
  layers: number[][];
  layerOf: number[];
  /** For each point its neighbours in the layer before and after. */
  up: number[][];
  down: number[][];
  /** For each edge the bends it passes, in order. */
  bends: number[][];
}

const SWEEPS = 8;
/** Above this many edges between layers fewer sweeps are made. */
const MANY_EDGES = 4_000;
/** Bends beyond this many per node are left out: such edges run straight. */
const BENDS_PER_NODE = 6;
const FREE_BENDS = 4_000;

/** Assigns layers by longest path, moves tasks without needs next to their first child, and bends long edges. */
export function layerNodes(count: number, edges: readonly (readonly [number, number])[]): Lattice {
  const parents: number[][] = Array.from({ length: count }, () => []);
  const children: number[][] = Array.from({ length: count }, () => []);
  for (const [from, to] of edges) {
    children[from]?.push(to);
    parents[to]?.push(from);
  }
  const layerOf = longestPath(count, parents, children);
  for (let node = 0; node < count; node++) {
    if ((parents[node]?.length ?? 0) > 0 || (children[node]?.length ?? 0) === 0) continue;
    let nearest = Infinity;
    for (const child of children[node] ?? []) nearest = Math.min(nearest, layerOf[child] ?? 0);
    layerOf[node] = Math.max(0, nearest - 1);
  }

  const layerCount = layerOf.reduce((most, layer) => Math.max(most, layer + 1), 0);
  const layers: number[][] = Array.from({ length: layerCount }, () => []);
  for (let node = 0; node < count; node++) layers[layerOf[node] ?? 0]?.push(node);
  const up: number[][] = Array.from({ length: count }, () => []);
  const down: number[][] = Array.from({ length: count }, () => []);
  const link = (from: number, to: number) => {
    down[from]?.push(to);
    up[to]?.push(from);
  };

  const farthest = new Array<number>(count).fill(0);
  for (const [from, to] of edges) {
    farthest[from] = Math.max(farthest[from] ?? 0, layerOf[to] ?? 0);
  }
  let budget = BENDS_PER_NODE * count + FREE_BENDS;
  // Long edges of one source share their bends, which keeps a fan of them one line.
  const chains: number[][] = [];
  for (let node = 0; node < count; node++) {
    const chain: number[] = [];
    const first = (layerOf[node] ?? 0) + 1;
    const length = (farthest[node] ?? 0) - first;
    if (length > 0 && length <= budget) {
      budget -= length;
      let before = node;
      for (let layer = first; layer < (farthest[node] ?? 0); layer++) {
        const bend = layerOf.length;
        layerOf.push(layer);
        up.push([]);
        down.push([]);
        layers[layer]?.push(bend);
        link(before, bend);
        chain.push(bend);
        before = bend;
      }
    }
    chains.push(chain);
  }
  const bends = edges.map(([from, to]) => {
    const span = (layerOf[to] ?? 0) - (layerOf[from] ?? 0);
    const chain = chains[from] ?? [];
    const passed = chain.slice(0, span - 1);
    const before = span === 1 ? from : passed.length === span - 1 ? passed.at(-1) : undefined;
    if (before !== undefined) link(before, to);
    return passed;
  });
  return { layers, layerOf, up, down, bends };
}

function longestPath(count: number, parents: number[][], children: number[][]): number[] {
  const layer = new Array<number>(count).fill(0);
  const missing = parents.map((list) => list.length);
  const queue: number[] = [];
  for (let node = 0; node < count; node++) if (missing[node] === 0) queue.push(node);
  for (let head = 0; head < queue.length; head++) {
    const node = queue[head] ?? 0;
    for (const child of children[node] ?? []) {
      layer[child] = Math.max(layer[child] ?? 0, (layer[node] ?? 0) + 1);
      missing[child] = (missing[child] ?? 0) - 1;
      if (missing[child] === 0) queue.push(child);
    }
  }
  return layer;
}

/** Reorders the layers in place by barycentre sweeps and keeps the order with fewest crossings. */
export function orderLayers(lattice: Lattice): void {
  const { layers, up, down } = lattice;
  const position = new Array<number>(lattice.layerOf.length).fill(0);
  const number = (layer: readonly number[]) => {
    layer.forEach((point, i) => {
      position[point] = i;
    });
  };
  layers.forEach(number);
  const links = down.reduce((sum, list) => sum + list.length, 0);
  const sweeps = links > MANY_EDGES ? 4 : SWEEPS;
  let best = layers.map((layer) => [...layer]);
  let fewest = crossings(lattice, position);
  for (let sweep = 0; sweep < sweeps && fewest > 0; sweep++) {
    const forward = sweep % 2 === 0;
    const near = forward ? up : down;
    for (let step = 1; step < layers.length; step++) {
      const l = forward ? step : layers.length - 1 - step;
      const layer = layers[l] ?? [];
      const key = new Map<number, number>();
      for (const point of layer) key.set(point, barycentre(near[point] ?? [], position, point));
      layer.sort(
        (a, b) => (key.get(a) ?? 0) - (key.get(b) ?? 0) || (position[a] ?? 0) - (position[b] ?? 0),
      );
      number(layer);
    }
    const found = crossings(lattice, position);
    if (found < fewest) {
      fewest = found;
      best = layers.map((layer) => [...layer]);
    }
  }
  best.forEach((layer, l) => {
    layers[l] = layer;
  });
}

function barycentre(near: readonly number[], position: readonly number[], point: number): number {
  if (near.length === 0) return position[point] ?? 0;
  let sum = 0;
  for (const other of near) sum += position[other] ?? 0;
  return sum / near.length;
}

/** Number of pairs of links that cross, counted with a Fenwick tree: O(links · log layer size). */
export function crossings(lattice: Lattice, position: readonly number[]): number {
  let total = 0;
  for (const [l, layer] of lattice.layers.entries()) {
    const width = lattice.layers[l + 1]?.length ?? 0;
    if (width === 0) continue;
    const tree = new Int32Array(width + 1);
    let placed = 0;
    for (const point of layer) {
      const ends = (lattice.down[point] ?? []).map((other) => position[other] ?? 0);
      for (const end of ends) {
        let notAfter = 0;
        for (let i = end + 1; i > 0; i -= i & -i) notAfter += tree[i] ?? 0;
        total += placed - notAfter;
      }
      for (const end of ends) {
        for (let i = end + 1; i <= width; i += i & -i) tree[i] = (tree[i] ?? 0) + 1;
      }
      placed += ends.length;
    }
  }
  return total;
}

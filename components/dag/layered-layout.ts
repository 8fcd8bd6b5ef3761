import { placeInOrder } from "./isotonic.ts";
import { type Lattice, layerNodes, orderLayers } from "./layer-order.ts";

/**
 * A layered drawing (Sugiyama) in linear space and near-linear time, because the general libraries
 * need seconds for graphs that people open here. Axes are abstract: `main` runs along the layers
 * (left to right, or top to bottom), `cross` within one.
 */
export interface LayoutNode {
  main: number;
  cross: number;
}

export interface LayoutGaps {
  /** Between layers, in the units of the node sizes. */
  layer: number;
  /** Between neighbours of one layer. */
  node: number;
}

export interface Layout {
  /** Start of each node on both axes. */
  main: number[];
  cross: number[];
  /** For each edge its way as [main, cross] points, from the end of its source to its target. */
  routes: [number, number][][];
  mainSize: number;
  crossSize: number;
}

/** Sweeps that pull each node towards its neighbours; more change little. */
const PLACEMENT_PASSES = 6;
/** Bends resist more than nodes, so that long edges run straight. */
const BEND_WEIGHT = 6;

/**
 * Lays out an acyclic graph. Equal input gives equal output.
 * @param edges pairs of positions in `nodes`, source before target
 */
export function layoutLayered(
  nodes: readonly LayoutNode[],
  edges: readonly (readonly [number, number])[],
  gaps: LayoutGaps,
): Layout {
  const lattice = layerNodes(nodes.length, edges);
  orderLayers(lattice);

  const starts: number[] = [];
  const sizes: number[] = [];
  let mainSize = 0;
  for (const layer of lattice.layers) {
    let size = 0;
    for (const point of layer) size = Math.max(size, nodes[point]?.main ?? 0);
    starts.push(mainSize);
    sizes.push(size);
    mainSize += size + gaps.layer;
  }
  mainSize = Math.max(0, mainSize - gaps.layer);

  const centre = placeLayers(lattice, nodes, gaps.node);
  let low = Infinity;
  let high = -Infinity;
  centre.forEach((value, point) => {
    const half = (nodes[point]?.cross ?? 0) / 2;
    low = Math.min(low, value - half);
    high = Math.max(high, value + half);
  });
  if (nodes.length === 0) low = high = 0;

  const layerStart = (point: number) => starts[lattice.layerOf[point] ?? 0] ?? 0;
  const at = (point: number) => (centre[point] ?? 0) - low;
  const routes = edges.map(([from, to], edge) => {
    const route: [number, number][] = [[layerStart(from) + (nodes[from]?.main ?? 0), at(from)]];
    for (const bend of lattice.bends[edge] ?? []) {
      const start = layerStart(bend);
      route.push([start, at(bend)], [start + (sizes[lattice.layerOf[bend] ?? 0] ?? 0), at(bend)]);
    }
    route.push([layerStart(to), at(to)]);
    return route;
  });

  return {
    main: nodes.map((_, point) => layerStart(point)),
    cross: nodes.map((node, point) => at(point) - node.cross / 2),
    routes,
    mainSize,
    crossSize: high - low,
  };
}

/** Centres of all points (nodes and bends) on the cross axis. */
function placeLayers(lattice: Lattice, nodes: readonly LayoutNode[], gap: number): number[] {
  const { layers, up, down } = lattice;
  const count = lattice.layerOf.length;
  const half = (point: number) => (nodes[point]?.cross ?? 0) / 2;
  const distance = (before: number, point: number) => {
    const bends = Number(before >= nodes.length) + Number(point >= nodes.length);
    return half(before) + half(point) + (bends === 2 ? gap / 2 : gap);
  };
  const centre = new Array<number>(count).fill(0);
  const gapsOf = layers.map((layer) =>
    layer.map((point, i) => (i === 0 ? 0 : distance(layer[i - 1] ?? 0, point))),
  );
  const weightsOf = layers.map((layer) =>
    layer.map((point) =>
      point >= nodes.length
        ? BEND_WEIGHT
        : 1 + (up[point]?.length ?? 0) + (down[point]?.length ?? 0),
    ),
  );
  layers.forEach((layer, l) => {
    let position = 0;
    layer.forEach((point, i) => {
      position += gapsOf[l]?.[i] ?? 0;
      centre[point] = position;
    });
    // Layers start centred on one line.
    for (const point of layer) centre[point] = (centre[point] ?? 0) - position / 2;
  });

  const settle = (l: number, neighbours: (point: number) => readonly number[]) => {
    const layer = layers[l] ?? [];
    const wanted = layer.map((point) => {
      const near = neighbours(point);
      return near.length === 0 ? (centre[point] ?? 0) : median(near.map((n) => centre[n] ?? 0));
    });
    placeInOrder(wanted, gapsOf[l] ?? [], weightsOf[l] ?? []).forEach((value, i) => {
      const point = layer[i];
      if (point !== undefined) centre[point] = value;
    });
  };
  for (let pass = 0; pass < PLACEMENT_PASSES; pass++) {
    const last = pass >= PLACEMENT_PASSES - 2;
    const near = (point: number): readonly number[] =>
      last
        ? [...(up[point] ?? []), ...(down[point] ?? [])]
        : ((pass % 2 === 0 ? up[point] : down[point]) ?? []);
    if (pass % 2 === 0) for (let l = 0; l < layers.length; l++) settle(l, near);
    else for (let l = layers.length - 1; l >= 0; l--) settle(l, near);
  }
  // Links of a chain end up exactly behind each other: a line that is almost straight looks wrong.
  const behind = (point: number): readonly number[] => {
    const [parent, ...others] = up[point] ?? [];
    const link = parent !== undefined && others.length === 0 && down[parent]?.length === 1;
    return link ? [parent] : [point];
  };
  for (let l = 0; l < layers.length; l++) settle(l, behind);
  return centre;
}

function median(values: number[]): number {
  values.sort((a, b) => a - b);
  const middle = values.length >> 1;
  const upper = values[middle] ?? 0;
  return values.length % 2 === 1 ? upper : ((values[middle - 1] ?? 0) + upper) / 2;
}

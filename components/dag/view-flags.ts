/** How a box or an edge stands out, as bits. */
export const SELECTED = 1;
export const DIMMED = 2;
export const CRITICAL = 4;
export const CURSOR = 8;

export interface Highlight {
  selected: string | null;
  /** Boxes that stay bright; null leaves all of them bright. */
  kept: ReadonlySet<string> | null;
  critical: ReadonlySet<string>;
  /** Edges of the critical path, as `edgeId`. */
  criticalEdges: ReadonlySet<string>;
  /** The box that the arrow keys stand on. */
  cursor: string | null;
}

export const NO_HIGHLIGHT: Highlight = {
  selected: null,
  kept: null,
  critical: new Set(),
  criticalEdges: new Set(),
  cursor: null,
};

export const edgeId = (source: string, target: string): string => `${source}\u0000${target}`;

/** The highlight, outside of React's state, so that only boxes whose flags change are drawn anew. */
export class HighlightStore {
  #highlight: Highlight = NO_HIGHLIGHT;
  readonly #listeners = new Set<() => void>();

  get = (): Highlight => this.#highlight;

  set(highlight: Highlight): void {
    this.#highlight = highlight;
    for (const listener of this.#listeners) listener();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

export function boxFlags(id: string, highlight: Highlight): number {
  const { selected, kept, critical, cursor } = highlight;
  return (
    (selected === id ? SELECTED : 0) |
    (kept !== null && !kept.has(id) ? DIMMED : 0) |
    (critical.has(id) ? CRITICAL : 0) |
    (cursor === id ? CURSOR : 0)
  );
}

export function edgeFlags(source: string, target: string, highlight: Highlight): number {
  const { selected, kept, criticalEdges } = highlight;
  const touches = selected !== null && (selected === source || selected === target);
  return (
    (touches ? SELECTED : 0) |
    (kept !== null && !(kept.has(source) && kept.has(target)) ? DIMMED : 0) |
    (criticalEdges.has(edgeId(source, target)) ? CRITICAL : 0)
  );
}

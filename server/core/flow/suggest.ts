import { distance } from "fastest-levenshtein";

/** Names listed in a fix before it becomes unreadable. */
const LISTED = 12;
/** Longer words are no slips of the finger, and comparing them costs the product of both lengths. */
const COMPARABLE = 100;

/** The word nearest to `word` among `known`, or null when none is near enough to be meant. */
export function nearest(word: string, known: Iterable<string>): string | null {
  if (word.length > COMPARABLE) return null;
  const limit = Math.max(2, Math.floor(word.length / 3));
  let best: string | null = null;
  let bestDistance = limit + 1;
  const lower = word.toLowerCase();
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const found = distance(lower, candidate.toLowerCase());
    if (found < bestDistance) {
      best = candidate;
      bestDistance = found;
    }
  }
  return best;
}

/** `Did you mean "x"?`, or the list of what is possible, or `otherwise` when that is too long. */
export function didYouMean(word: string, known: readonly string[], otherwise: string): string {
  const near = nearest(word, known);
  if (near !== null) return `Did you mean "${near}"?`;
  if (known.length === 0 || known.length > LISTED) return otherwise;
  return `Use one of: ${known.join(", ")}.`;
}

/** Quotes text of an author for a message, shortened so that a message stays one line. */
export function quote(text: string): string {
  const flat = text.replace(/\s+/g, " ");
  return `"${flat.length > 80 ? `${flat.slice(0, 77)}…` : flat}"`;
}

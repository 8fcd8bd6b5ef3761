import { distance } from "fastest-levenshtein";

/** Names listed in a fix before it becomes unreadable. */
const LISTED = 12;
/** Longer words are no slips of the finger, and comparing them costs the product of both lengths. */
const COMPARABLE = 100;

/**
 * The word nearest to `word` among `known`, or null when none is near enough to be meant. Swapped
 * letters and unfinished words count as one slip.
 */
export function nearest(word: string, known: Iterable<string>): string | null {
  if (word.length > COMPARABLE) return null;
  let bestDistance = (word.length < 3 ? 0 : Math.ceil(word.length / 3)) + 1;
  let best: string | null = null;
  const lower = word.toLowerCase();
  const letters = sortedLetters(lower);
  for (const candidate of known) {
    const other = candidate.toLowerCase();
    const isUnfinished = lower.length >= 3 && other.startsWith(lower);
    if (!isUnfinished && Math.abs(other.length - lower.length) >= bestDistance) continue;
    const isSwapped = other.length === lower.length && sortedLetters(other) === letters;
    const found = isUnfinished || isSwapped ? 1 : distance(lower, other);
    if (found < bestDistance || (found === 0 && candidate === word)) {
      best = candidate;
      bestDistance = found;
    }
  }
  return best;
}

function sortedLetters(word: string): string {
  return [...word].sort().join("");
}

/** `Did you mean "x"?`, or the list of what is possible, or `otherwise` when that is too long. */
export function didYouMean(word: string, known: readonly string[], otherwise: string): string {
  const near = nearest(word, known);
  if (near !== null) return `Did you mean "${near}"?`;
  if (known.length === 0 || known.length > LISTED) return otherwise;
  return `Use one of: ${known.join(", ")}.`;
}

/** The word with its article: "a shell", "an http". */
export function withArticle(word: string): string {
  return `${/^(?:[aeio]|http)/.test(word) ? "an" : "a"} ${word}`;
}

/** Quotes text of an author for a message, shortened so that a message stays one line. */
export function quote(text: string): string {
  const flat = text.replace(/\s+/g, " ");
  return `"${flat.length > 80 ? `${flat.slice(0, 77)}…` : flat}"`;
}

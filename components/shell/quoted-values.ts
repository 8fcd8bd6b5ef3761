/** Most values that are told, and characters of one. */
const MOST = 3;
const LONGEST = 80;

/**
 * The values that the server's sentence names in quotes, for a reader of another language: the key,
 * the task or the text that is wrong. At most three, each once.
 */
export function quotedValues(sentence: string): string[] {
  const found = [...sentence.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, value = ""]) => value);
  return [...new Set(found)]
    .filter((value) => value !== "" && value.length <= LONGEST)
    .slice(0, MOST);
}

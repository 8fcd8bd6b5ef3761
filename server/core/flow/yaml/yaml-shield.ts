export interface Shielded {
  /** The text to parse, as long as the original one. */
  text: string;
  /** Takes the shield out of a value that was parsed from the text. */
  restore(value: string): string;
}

/**
 * Lets templates stand in plain YAML text: inside `{{ … }}` and `{% … %}` the spaces that YAML would
 * take for the end of a key or the start of a comment are replaced, each by one other character, so
 * that `run: echo {{ interval.start | date: "%Y" }}` is one text and offsets stay what they are.
 */
export function shieldTemplates(text: string): Shielded {
  const plain: Shielded = { text, restore: (value) => value };
  if (!text.includes("{{") && !text.includes("{%")) return plain;
  const shield = unusedCharacter(text);
  if (shield === null) return plain;
  const shielded = text.replace(/\{\{[^\n{}]*\}\}|\{%[^\n]*?%\}/g, (template) =>
    template.replace(/(?<=:) | (?=#)/g, shield),
  );
  if (shielded === text) return plain;
  return {
    text: shielded,
    restore: (value) => (value.includes(shield) ? value.replaceAll(shield, " ") : value),
  };
}

/** A private-use character that the text neither holds nor escapes. */
function unusedCharacter(text: string): string | null {
  const lower = text.toLowerCase();
  for (let point = 0xe000; point < 0xe100; point += 1) {
    const character = String.fromCodePoint(point);
    if (!text.includes(character) && !lower.includes(point.toString(16))) return character;
  }
  return null;
}

/** Patterns under `files:`: `*` and `?` within one name, `**` across folders, `{a,b}` alternatives. */

export type GlobFault = { code: "FILE_OUTSIDE" | "INVALID_VALUE"; message: string; fix: string };

/** Alternatives that braces may multiply to. */
const MAX_ALTERNATIVES = 100;
const MAX_PATTERN = 1_000;

/**
 * Refuses a pattern that could reach outside of the folder it is relative to.
 * @returns null when it is sound
 */
export function globFault(pattern: string): GlobFault | null {
  const outside = (message: string): GlobFault => ({
    code: "FILE_OUTSIDE",
    message,
    fix: "Name files below the folder of the definition, with / between folders.",
  });
  if (pattern.length > MAX_PATTERN) {
    return {
      code: "INVALID_VALUE",
      message: `The pattern is longer than ${MAX_PATTERN} characters.`,
      fix: "Write several shorter patterns.",
    };
  }
  if (pattern.includes("\\")) return outside(`"${pattern}" holds a backslash.`);
  if (pattern.startsWith("/") || /^[A-Za-z]:/.test(pattern)) {
    return outside(`"${pattern}" is an absolute path.`);
  }
  const alternatives = expandBraces(pattern);
  if (alternatives === null) {
    return {
      code: "INVALID_VALUE",
      message: `"${pattern.slice(0, 80)}" has more than ${MAX_ALTERNATIVES} alternatives.`,
      fix: "Write several shorter patterns.",
    };
  }
  if (alternatives.some((path) => path.split("/").includes(".."))) {
    return outside(`"${pattern}" leads out of the definition's folder.`);
  }
  if (pattern.includes("\0") || alternatives.some((path) => segments(path).length === 0)) {
    return {
      code: "INVALID_VALUE",
      message: `"${pattern.replaceAll("\0", "\\0")}" names no file.`,
      fix: "Write a path such as data.csv or scripts/*.py.",
    };
  }
  return null;
}

/** Whether a pattern without a fault matches a path with `/`. Names that begin with a dot must be named. */
export function globMatches(pattern: string, path: string): boolean {
  const names = path.split("/");
  return (expandBraces(pattern) ?? []).some((one) => matchSegments(segments(one), names));
}

/** Whether files below a folder could match: tells a walk where not to go. */
export function globEnters(pattern: string, folder: string): boolean {
  const names = folder.split("/");
  return (expandBraces(pattern) ?? []).some((one) => {
    const parts = segments(one);
    for (const [depth, name] of names.entries()) {
      const part = parts[depth];
      if (part === "**") return !name.startsWith(".");
      if (part === undefined || depth === parts.length - 1 || !matchName(part, name)) return false;
    }
    return true;
  });
}

function segments(pattern: string): string[] {
  return pattern.split("/").filter((part) => part !== "" && part !== ".");
}

function matchSegments(parts: readonly string[], names: readonly string[]): boolean {
  // Positions in `parts` that the names so far may have led to: linear, however many ** there are.
  let open = new Set([0]);
  const skipStars = (set: Set<number>): Set<number> => {
    for (const at of set) if (parts[at] === "**") set.add(at + 1);
    return set;
  };
  skipStars(open);
  for (const name of names) {
    const next = new Set<number>();
    for (const at of open) {
      const part = parts[at];
      if (part === undefined) continue;
      if (part === "**") {
        if (!name.startsWith(".")) next.add(at);
      } else if (matchName(part, name)) next.add(at + 1);
    }
    open = skipStars(next);
  }
  return open.has(parts.length);
}

function matchName(part: string, name: string): boolean {
  if (name.startsWith(".") && !part.startsWith(".")) return false;
  let open = new Set([0]);
  const skipStars = (set: Set<number>): Set<number> => {
    for (const at of set) if (part[at] === "*") set.add(at + 1);
    return set;
  };
  skipStars(open);
  for (const character of name) {
    const next = new Set<number>();
    for (const at of open) {
      if (part[at] === "*") next.add(at);
      else if (part[at] === "?") next.add(at + 1);
      else if (part.startsWith(character, at)) next.add(at + character.length);
    }
    open = skipStars(next);
  }
  return open.has(part.length);
}

/** All alternatives of a pattern with braces, or null when there are too many. */
function expandBraces(pattern: string): string[] | null {
  let open: string[] = [pattern];
  for (;;) {
    const next: string[] = [];
    let expanded = false;
    for (const one of open) {
      // The innermost pair, so that nested ones are taken from the inside out.
      const match = /\{([^{}]*)\}/.exec(one);
      if (match === null) {
        next.push(one);
        continue;
      }
      expanded = true;
      const before = one.slice(0, match.index);
      const after = one.slice(match.index + match[0].length);
      for (const part of (match[1] ?? "").split(",")) next.push(before + part + after);
    }
    if (next.length > MAX_ALTERNATIVES) return null;
    if (!expanded) return next;
    open = next;
  }
}

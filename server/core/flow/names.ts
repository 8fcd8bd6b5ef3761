/** Names that definitions and requests may use, and text that they may hold. */

const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** Keys that could reach into JavaScript's own objects when a value is copied carelessly. */
export function isForbiddenKey(key: string): boolean {
  return FORBIDDEN_KEYS.has(key);
}

/** What makes a text unfit for storage in JSON and PostgreSQL, to follow "hold"; null when it is fit. */
export function textFault(text: string): string | null {
  if (!MAYBE_UNFIT.test(text)) return null;
  if (text.includes("\0")) return "hold a NUL character";
  return /\p{Surrogate}/u.test(text) ? "hold half of a surrogate pair" : null;
}

/** Also halves that belong together: a look that is quick for nearly all texts. */
const MAYBE_UNFIT = /[\0\ud800-\udfff]/;

export const FLOW_ID = /^[a-z][a-z0-9_-]{0,127}$/;
export const TASK_ID = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}$/;
export const PARAM_NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,99}$/;
export const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,199}$/;
export const POOL_NAME = /^[a-z][a-z0-9_-]{0,63}$/;
/** Labels of runners and what tasks ask for under `runs_on`. */
export const LABEL = /^[a-z][a-z0-9_.-]{0,63}$/;
/** Prefix of the variables that the runner sets for every attempt. */
export const RESERVED_ENV = "IDEM_";

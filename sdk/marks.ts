/**
 * How a bundle and its loaders find each other. The symbols are global, since each bundle carries
 * its own copy of the SDK. Nothing is imported here: this becomes part of every bundle.
 */

/** On what `flow()` returns: the object that the author handed in. */
export const flowMark = Symbol.for("idem.flow.1");

/** On `globalThis`, while definitions are read: where to note from which line each one came. */
export const sitesMark = Symbol.for("idem.sites.1");

/** Stack traces of the calls, by the object that was handed in. */
export type Sites = Map<object, string>;

/**
 * Zod for the browser. Its compiled fast path needs `eval`, which the pages' security policy forbids;
 * without this setting every page would report a breach.
 */
import { config } from "zod";

config({ jitless: true });

export { z } from "zod";

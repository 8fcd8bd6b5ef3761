import { buildPages, bundlePrograms, generateClient } from "./steps.mjs";

/** Brings everything that is built up to date. @param tell told before each step that takes long */
export async function buildProduct(tell) {
  await generateClient(tell);
  await bundlePrograms(tell);
  await buildPages(tell);
}

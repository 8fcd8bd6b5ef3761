/** What failed, out of the JSON reports of vitest and Playwright: one text for each failed test. */

import { relative } from "node:path";

const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");
const LINES_OF_A_FAILURE = 12;

function excerpt(message) {
  const lines = message.replace(COLOURS, "").split("\n");
  return lines.slice(0, LINES_OF_A_FAILURE).map((line) => `    ${line}`);
}

function describe(place, title, messages) {
  return [`${place} › ${title}`, ...messages.flatMap(excerpt)].join("\n");
}

/** @param report - vitest's JSON report; a file that could not be loaded counts as one failure */
export function vitestFailures(report) {
  return report.testResults.flatMap((file) => {
    const place = relative(".", file.name);
    const failed = file.assertionResults.filter((test) => test.status === "failed");
    if (failed.length === 0 && file.status === "failed")
      return [describe(place, "could not be loaded", [file.message])];
    return failed.map((test) => describe(place, test.fullName, test.failureMessages));
  });
}

/** @param suite - Playwright's JSON report, or a suite inside it */
export function playwrightFailures(suite) {
  const specs = (suite.specs ?? []).filter((spec) => !spec.ok);
  const own = specs.map((spec) => {
    const errors = spec.tests.flatMap((test) => test.results.flatMap((result) => result.errors));
    const messages = errors.map((error) => error.message ?? error.value ?? "");
    return describe(`${spec.file}:${spec.line}`, spec.title, messages);
  });
  return [...own, ...(suite.suites ?? []).flatMap(playwrightFailures)];
}

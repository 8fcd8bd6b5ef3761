/**
 * The direction of imports: core ← db ← engine ← usecases ← trpc/rest ← app.
 * `components` sees itself, server/core and the types of the API, nothing else of the server.
 */

const tests = "\\.test\\.tsx?$";

/** Modules below `folder` may import only modules whose path matches one of `allowed`. */
function only(name, folder, allowed, comment) {
  return {
    name,
    comment,
    severity: "error",
    from: { path: `^${folder}/`, pathNot: tests },
    to: {
      path: "^(app|bench|cli|components|e2e|flows|messages|prisma|scripts|sdk|server|test)/",
      pathNot: [`^${folder}/`, ...allowed],
    },
  };
}

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      comment: "A cycle has no first module to read.",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-unresolvable",
      comment: "An import that resolves to nothing fails at run time.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "^(server-only|next-intl/config)$" },
    },
    {
      name: "core-is-pure",
      comment: "No clock, random, environment, disk or network in server/core; hashing is pure.",
      severity: "error",
      from: { path: "^server/core/", pathNot: tests },
      to: { dependencyTypes: ["core"], pathNot: "^(node:)?(crypto|buffer)$" },
    },
    {
      name: "core-has-no-database",
      severity: "error",
      from: { path: "^server/core/", pathNot: tests },
      to: { path: "node_modules/(pg|@prisma|undici|next|react|@trpc)/" },
    },
    only("core", "server/core", [], "The domain knows nothing around it."),
    only("db", "server/db", ["^server/core/"], "SQL knows the domain only."),
    only("plugins", "server/plugins", ["^server/core/", "^sdk/"], "Plugins know contracts only."),
    only(
      "flow-sources",
      "server/flow-sources",
      ["^server/core/", "^server/plugins/", "^sdk/"],
      "Reading definitions from disk needs no database.",
    ),
    only(
      "engine",
      "server/engine",
      ["^server/(core|db|plugins)/", "^server/log\\.ts$", "^sdk/"],
      "The engine records and executes; who may ask is decided above it.",
    ),
    only(
      "usecases",
      "server/usecases",
      ["^server/(core|db|engine|plugins|flow-sources|auth)/", "^server/log\\.ts$", "^sdk/"],
      "Use cases know no transport.",
    ),
    only(
      "transports",
      "server/(trpc|rest)",
      [
        "^server/(core|db|engine|plugins|flow-sources|auth|usecases|trpc|rest)/",
        "^server/log\\.ts$",
      ],
      "Transports know no page.",
    ),
    only("sdk", "sdk", ["^server/core/"], "Authors of flows import no server."),
    {
      name: "components-take-types-only",
      comment: "Components take values from themselves and server/core, and only types of the API.",
      severity: "error",
      from: { path: "^components/", pathNot: tests },
      to: {
        path: "^(app|bench|cli|e2e|flows|prisma|scripts|sdk|server|test)/",
        pathNot: "^server/core/",
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "components-see-the-api-only",
      severity: "error",
      from: { path: "^components/", pathNot: tests },
      to: {
        path: "^(app|bench|cli|e2e|flows|prisma|scripts|sdk|server|test)/",
        pathNot: "^server/(core|trpc)/",
      },
    },
    only(
      "app",
      "app",
      ["^components/", "^messages/", "^server/(core|trpc|rest|auth|usecases)/"],
      "Pages are thin: they reach the server through its entry points.",
    ),
    only(
      "cli",
      "cli",
      [
        "^server/(core|usecases|flow-sources|plugins|trpc)/",
        "^server/version\\.ts$",
        "^sdk/",
        "^scripts/build/",
      ],
      "The command talks to the API and compiles definitions; it has no database.",
    ),
    {
      name: "cli-takes-api-types-only",
      severity: "error",
      from: { path: "^cli/", pathNot: tests },
      to: { path: "^server/trpc/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "prisma-and-sql-stay-in-db",
      severity: "error",
      from: {
        path: "^(app|components|cli|sdk|server)/",
        pathNot: ["^server/(db|start)/", "^server/[^/]+\\.ts$", tests],
      },
      to: {
        path: "node_modules/(pg|@prisma)/",
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "runners-reach-no-receiver",
      comment: "What a receiver may hold up is no part of the process that executes tasks.",
      severity: "error",
      from: { path: "^server/runner\\.ts$" },
      to: {
        path: "^server/plugins/notifiers/|^server/engine/notify/deliver\\.ts$|node_modules/(nodemailer|graphile-worker)/",
        reachable: true,
      },
    },
    {
      name: "no-tests-in-the-product",
      severity: "error",
      from: {
        path: "^(app|components|cli|sdk|server)/",
        pathNot: [tests, "\\.test-[^/]+\\.tsx?$", "/testing/"],
      },
      to: { path: ["^(test|e2e|bench)/", tests] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: {
      path: "^(\\.next|dist|server/db/generated|server/core/flow/corpus|server/flow-sources/corpus|flows)/",
    },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      extensions: [".ts", ".tsx", ".mjs", ".js", ".json"],
    },
  },
};

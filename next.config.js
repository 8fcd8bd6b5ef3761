import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import createNextIntlPlugin from "next-intl/plugin";

const root = dirname(fileURLToPath(import.meta.url));

/**
 * Security headers are not set here: they carry a nonce per request and are set by the HTTP server
 * in front of Next (server/web/headers.ts), for pages, files and API answers alike.
 *
 * @type {import("next").NextConfig}
 */
const config = {
  poweredByHeader: false,
  reactStrictMode: true,
  outputFileTracingRoot: root,
  turbopack: { root },
  serverExternalPackages: [
    "pg",
    "@prisma/client",
    "@prisma/adapter-pg",
    "esbuild",
    "pino",
    "liquidjs",
  ],
  // `npm run typecheck` is the gate; checking again inside every build would only slow the start.
  typescript: { ignoreBuildErrors: true },
  devIndicators: false,
};

export default createNextIntlPlugin({
  requestConfig: "./app/i18n.ts",
  // Messages are parsed by the build: a page writes them out sooner, and browsers load no parser.
  experimental: { messages: { path: "./messages", format: "json", precompile: true } },
})(config);

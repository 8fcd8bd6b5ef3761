import type { TestProject } from "vitest/node";
import { startTestCluster, type TestCluster } from "./cluster.ts";
import { createTemplate } from "./template.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Connection string of the maintenance database of this command's cluster. */
    adminUrl: string;
  }
}

/**
 * Shared by the projects of one command: each project loads this module anew, so the cluster and
 * the number of its users live beside the module.
 */
interface Shared {
  users: number;
  cluster: Promise<TestCluster>;
}
declare global {
  var idemTestCluster: Shared | undefined;
}

async function open(): Promise<TestCluster> {
  const cluster = await startTestCluster();
  await createTemplate(cluster.url);
  return cluster;
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  globalThis.idemTestCluster ??= { users: 0, cluster: open() };
  const shared = globalThis.idemTestCluster;
  shared.users += 1;
  const cluster = await shared.cluster;
  project.provide("adminUrl", cluster.url);
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    globalThis.idemTestCluster = undefined;
    await cluster.stop();
  };
}

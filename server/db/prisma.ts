import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "./generated/client.ts";

export type Prisma = PrismaClient;

/** Opens Prisma on its own small pool: pages and bookkeeping only, never the hot path. */
export function openPrisma(connectionString: string, max = 5): Prisma {
  return new PrismaClient({ adapter: new PrismaPg({ connectionString, max }) });
}

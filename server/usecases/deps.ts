import type { Pool } from "pg";
import type { PrismaClient } from "#server/db/generated/client.ts";

/** What use cases need from the outside, handed in by every transport. */
export interface Deps {
  pool: Pool;
  prisma: PrismaClient;
}

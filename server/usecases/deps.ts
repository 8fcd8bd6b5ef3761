import type { Pool } from "pg";
import type { Prisma } from "../db/prisma.ts";

/** What use cases need from the outside, handed in by every transport. */
export interface Deps {
  pool: Pool;
  prisma: Prisma;
}

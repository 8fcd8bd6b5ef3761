import { it } from "vitest";
import { createTestDatabase } from "../../test/database.ts";
import { dailyAt, databaseNow, publishScheduled } from "../../test/schedules.ts";
import { fireSchedules } from "./fire-schedules.ts";
it("time", async () => {
  const db = await createTestDatabase();
  const now = await databaseNow(db.pool);
  for (let i = 0; i < 1000; i++) await publishScheduled(db.pool, { id: `f-${i}`, schedules: [dailyAt(now)], tasks: { a: {}, b: { needs: ["a"] } } });
  for (const size of [100, 200, 1000]) {
    const at = await databaseNow(db.pool);
    const d = new Date(at);
    await db.pool.query("update schedule set next_tick_at=$1, spec = spec || jsonb_build_object('cron', $2::text)", [d.toISOString(), `${d.getUTCSeconds()} ${d.getUTCMinutes()} ${d.getUTCHours()} * * *`]);
    const times: number[] = [];
    let began = performance.now();
    const t0 = began; const cpu0 = process.cpuUsage();
    while ((await fireSchedules(db.pool, size)).schedules > 0) { times.push(Math.round(performance.now() - began)); began = performance.now(); }
    const cpu = process.cpuUsage(cpu0);
    console.log(size, times, Math.round(performance.now() - t0), "cpu ms", (cpu.user + cpu.system) / 1000);
  }
  await db.close();
}, 300_000);

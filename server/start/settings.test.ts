import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { addressOf, readSettings } from "./settings.ts";

describe("readSettings", () => {
  it("has a default for everything", () => {
    expect(readSettings({})).toEqual({
      port: 3000,
      host: "127.0.0.1",
      home: resolve(".idem"),
      databaseUrl: undefined,
      runners: 1,
      slots: undefined,
      flows: resolve("flows"),
      runnerStopMs: 30_000,
    });
  });

  it("takes an empty variable as not set", () => {
    expect(readSettings({ PORT: "", DATABASE_URL: "" })).toMatchObject({
      port: 3000,
      databaseUrl: undefined,
    });
  });

  it("waits for runners longer than they may take", () => {
    expect(readSettings({ IDEM_DRAIN_MS: "60000", IDEM_KILL_GRACE_MS: "0" }).runnerStopMs).toBe(
      75_000,
    );
  });

  it.each([
    { HOST: "0.0.0.0" },
    { HOST: "192.168.1.10" },
    { HOST: "127.0.0.1.example.org" },
    { PORT: "0" },
    { PORT: "65536" },
    { PORT: "3000x" },
    { PORT: "6000" },
    { PORT: "4190" },
    { IDEM_RUNNERS: "65" },
    { IDEM_SLOTS: "0" },
  ])("refuses %j by name", (env) => {
    const [name, value] = Object.entries(env)[0] ?? [];
    expect(() => readSettings(env)).toThrow(`${name}=${value} is not accepted.`);
  });
});

describe("addressOf", () => {
  it.each([
    { host: "127.0.0.1", want: "http://127.0.0.1:3000" },
    { host: "::1", want: "http://[::1]:3000" },
  ] as const)("$host", ({ host, want }) => {
    expect(addressOf({ host, port: 3000 })).toBe(want);
  });
});

import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import type { Json } from "../../core/flow/spec.ts";
import { checkOutput, storedForm } from "../../core/run/output.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase("empty");
});
afterAll(() => database.close());

const key = fc.oneof(
  fc.constantFrom("b", "aa", "a", "é", "zz", "10", "9", "__proto__", "日本", "😀", ""),
  fc.string({ unit: "binary", maxLength: 6 }),
);
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom<Json>(null, true, false, 0, -0, 1e21, 5e-324, 0.1, -12.5),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: "binary", maxLength: 8 }),
    fc.array(tie("json"), { maxLength: 4 }),
    fc.dictionary(key, tie("json"), { maxKeys: 6 }),
  ) as fc.Arbitrary<Json>,
}));

function isStorable(value: Json): boolean {
  try {
    checkOutput(value);
    return true;
  } catch {
    return false;
  }
}

it("gives every value the form in which PostgreSQL hands it back, order of keys included", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(json.filter(isStorable), { minLength: 1, maxLength: 20 }),
      async (values) => {
        const { rows } = await database.pool.query<{ value: Json }>(
          "select x::jsonb as value from unnest($1::text[]) with ordinality u(x, n) order by n",
          [values.map((value) => JSON.stringify(value))],
        );
        const stored = rows.map((row) => JSON.stringify(row.value));
        expect(values.map((value) => JSON.stringify(storedForm(value)))).toEqual(stored);
      },
    ),
    { numRuns: 200 },
  );
});

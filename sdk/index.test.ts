import { describe, expect, expectTypeOf, it } from "vitest";
import { flow, type Json, type TaskContext, task } from "./index.ts";
import { flowMark, type Sites, sitesMark } from "./marks.ts";

/** Types are checked by `npm run typecheck`; here is said what they must be. */
describe("flow", () => {
  it("types the parameters in functions by their schemas", () => {
    flow({
      id: "typed",
      params: {
        station: { type: "string", default: "seattle" },
        size: { enum: ["small", "large"] },
        count: { type: "integer" },
        ratio: { type: "number", required: false },
        strict: { type: "boolean", required: false, default: true },
        rest: { type: "object" },
      },
      tasks: {
        a: {
          run(ctx) {
            expectTypeOf(ctx.params.station).toEqualTypeOf<string>();
            expectTypeOf(ctx.params.size).toEqualTypeOf<"small" | "large">();
            expectTypeOf(ctx.params.count).toEqualTypeOf<number>();
            expectTypeOf(ctx.params.ratio).toEqualTypeOf<number | null>();
            expectTypeOf(ctx.params.strict).toEqualTypeOf<boolean>();
            expectTypeOf(ctx.params.rest).toEqualTypeOf<Json>();
            expectTypeOf(ctx.output("x")).toEqualTypeOf<Json>();
            expectTypeOf(ctx.output<{ n: number }>("x").n).toEqualTypeOf<number>();
            // @ts-expect-error there is no such parameter
            return ctx.params.statoin;
          },
        },
        // @ts-expect-error needs is a list
        b: { needs: "a", run: () => 1 },
        c: { type: "shell", run: "true" },
      },
    });
  });

  it("takes tasks that are defined elsewhere, if their parameters fit", () => {
    const shared = task<{ station: string }>({ run: (ctx) => ctx.params.station });
    expectTypeOf(shared.run).parameter(0).toEqualTypeOf<TaskContext<{ station: string }>>();
    flow({ id: "fits", params: { station: { type: "string" } }, tasks: { shared } });
    // @ts-expect-error the parameter is a number here
    flow({ id: "fits-not", params: { station: { type: "integer" } }, tasks: { shared } });
  });

  it("hands over the very definition, and notes where it was made only when asked to", () => {
    const sites: Sites = new Map();
    const definition = { id: "a", tasks: { a: task({ run: () => 1 }) } };
    expect(flow(definition)[flowMark]).toBe(definition);
    const host = globalThis as { [sitesMark]?: Sites };
    host[sitesMark] = sites;
    try {
      flow(definition);
      task(definition.tasks.a);
    } finally {
      delete host[sitesMark];
    }
    expect([...sites.keys()]).toEqual([definition, definition.tasks.a]);
    expect(sites.get(definition)).toContain("index.test.ts");
  });
});

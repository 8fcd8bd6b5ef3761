import { flow } from "idem";

function stations(): string[] {
  throw new Error("no stations are configured");
}

export default flow({ id: "throws", tags: stations(), tasks: { a: { type: "noop" } } });

import { flow } from "idem";

const circle: { tags: unknown[] } = { tags: [] };
circle.tags.push(circle);

export default flow({
  id: "not-json",
  params: { n: { type: "number", default: Number.NaN } },
  tags: circle.tags,
  tasks: { a: { type: "noop" } },
});

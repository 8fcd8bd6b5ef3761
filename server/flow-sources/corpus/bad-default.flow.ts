import { flow } from "idem";

export default flow({
  id: "bad-default",
  params: {
    size: { enum: ["small", "large"], default: "medium" },
  },
  tasks: { a: { type: "noop" } },
});

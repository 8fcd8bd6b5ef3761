import { flow } from "idem";

const common = { pool: "Big Pool" };

export default flow({
  id: "spread",
  tasks: {
    a: { type: "noop" },
    b: { ...common, type: "noop" },
  },
});

import { flow } from "idem";

export default flow({
  id: "missing-comma"
  tasks: { a: { type: "noop" } },
});

import { flow } from "idem";

export default flow({
  id: "date-value",
  params: { since: { type: "string", default: new Date(0) } },
  tasks: { a: { type: "noop" } },
});

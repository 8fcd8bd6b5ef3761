import { flow } from "idem";

const day = "{{ interval.start | dat: '%Y' }}";

export default flow({
  id: "unknown-filter",
  tasks: { a: { run: () => 1, env: { DAY: day } } },
});

import { flow } from "idem";

export default flow({
  id: "unknown-key",
  tasks: {
    extract: { run: () => 1 },
    load: { nedes: ["extract"], run: () => 2 },
  },
});

import { flow } from "idem";

export default flow({
  id: "unknown-task",
  tasks: {
    extract: { run: () => 1 },
    load: {
      needs: ["extract", "validate"],
      run: () => 2,
    },
  },
});

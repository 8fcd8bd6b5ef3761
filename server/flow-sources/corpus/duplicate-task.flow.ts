import { flow } from "idem";

export default flow({
  id: "duplicate-task",
  tasks: {
    load: { type: "noop" },
    load: { type: "shell", run: "true" },
  },
});

import { flow } from "idem";

export default flow({
  id: "retry-on",
  tasks: {
    a: { run: () => 1, retry: { attempts: 3, retry_on: ["timed_out", "exit:900"] } },
    b: { run: () => 1, retry: { attempts: 3, give_up_after: "soon" } },
  },
});

import { flow } from "idem";

export default flow({
  id: "bad-duration",
  defaults: { timeout: "ten minutes" },
  tasks: { a: { run: () => 1, retry: { attempts: 2, delay: 10 } } },
});

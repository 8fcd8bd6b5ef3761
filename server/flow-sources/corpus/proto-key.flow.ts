import { flow } from "idem";

const env = JSON.parse('{ "__proto__": "x" }');

export default flow({
  id: "proto-key",
  tasks: { a: { run: () => 1, env } },
});

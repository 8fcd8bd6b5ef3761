import { execFileSync } from "node:child_process";
import { flow } from "idem";

export default flow({
  id: "starts-a-program",
  owner: execFileSync("whoami").toString(),
  tasks: { a: { type: "noop" } },
});

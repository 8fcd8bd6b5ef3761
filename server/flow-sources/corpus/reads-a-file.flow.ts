import { readFileSync } from "node:fs";
import { flow } from "idem";

const owner = readFileSync("/etc/hostname", "utf8");

export default flow({ id: "reads-a-file", owner, tasks: { a: { type: "noop" } } });

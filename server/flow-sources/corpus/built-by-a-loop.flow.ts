import { flow } from "idem";

const parts = ["north", "south"];

export default flow({
  id: "built-by-a-loop",
  tasks: Object.fromEntries(
    parts.map((part) => [part, { type: "shell", run: `echo ${part}`, timeout: "soon" }]),
  ),
});

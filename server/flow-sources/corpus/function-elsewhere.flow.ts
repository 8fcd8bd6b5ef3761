import { flow } from "idem";

export default flow({
  id: "function-elsewhere",
  tasks: {
    a: { type: "shell", run: () => "echo" },
    b: { run: () => 1, if: () => true },
  },
});

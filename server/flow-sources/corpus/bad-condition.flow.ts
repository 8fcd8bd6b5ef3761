import { flow } from "idem";

export default flow({
  id: "bad-condition",
  tasks: {
    a: { run: () => 1 },
    b: { needs: ["a"], if: "success() && params.force", run: () => 2 },
  },
});

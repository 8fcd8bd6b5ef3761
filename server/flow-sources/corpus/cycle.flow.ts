import { flow } from "idem";

export default flow({
  id: "cycle",
  tasks: {
    a: { needs: ["c"], run: () => 1 },
    b: { needs: ["a"], run: () => 2 },
    c: { needs: ["b"], run: () => 3 },
  },
});

import { flow } from "idem";

export default flow({ id: "self-cycle", tasks: { a: { needs: ["a"], run: () => 1 } } });

import { flow as define, task } from "idem";

const load = task({
  needs: ["extract"],
  timeout: "5 m",
  run: () => 1,
});

export default define({ id: "task-in-a-constant", tasks: { load } });

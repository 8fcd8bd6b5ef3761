import { flow } from "idem";

const tasks: Record<string, { type: "noop" }> = {};
for (let number = 0; number <= 10_000; number += 1) tasks[`t${number}`] = { type: "noop" };

export default flow({ id: "too-many-tasks", tasks });

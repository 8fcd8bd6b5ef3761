import { flow } from "idem";

const owner = await new Promise<string>(() => {});

export default flow({ id: "never-awaited", owner, tasks: { a: { type: "noop" } } });

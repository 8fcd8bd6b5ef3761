export default { id: "plain-object", tasks: { a: { type: "noop" } } };

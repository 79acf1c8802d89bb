/** Stands in for the `debug` package: same shape, says nothing, stores nothing. */
const silent = Object.assign(() => undefined, { enabled: false, log: () => undefined });

export default Object.assign(() => silent, { enable: () => undefined, disable: () => '' });

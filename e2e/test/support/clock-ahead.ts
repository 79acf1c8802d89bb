// Loaded before Bedside, which then lives so much later: every date of its process follows.
const aheadMs = Number(process.env.E2E_CLOCK_AHEAD_MS);

globalThis.Date = new Proxy(Date, {
  construct: (native, given, target) =>
    Reflect.construct(native, given.length === 0 ? [native.now() + aheadMs] : given, target),
  get: (native, name) => (name === 'now' ? () => native.now() + aheadMs : Reflect.get(native, name)),
});

type Listener<Payload> = (payload: Payload) => void;

/** Typed events: `Events` maps each name to its payload. Listeners run in the order in which they were added. */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>();

  /** Returns the function that takes the listener away again. */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener as Listener<never>);
    return () => listeners.delete(listener as Listener<never>);
  }

  protected emit<Name extends keyof Events>(name: Name, payload: Events[Name]): void {
    // A copy: a listener may take itself or others away while it runs.
    for (const listener of [...(this.#listeners.get(name) ?? [])]) (listener as Listener<Events[Name]>)(payload);
  }
}

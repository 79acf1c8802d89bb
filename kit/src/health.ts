/** Whether a process can do its work. Each part adds a check; a check is quick and throws or answers false when not. */
export class Health {
  readonly #checks = new Map<string, () => boolean | Promise<boolean>>();

  /** Gives back a function that takes the check away. A later check of the same name takes its place. */
  add(name: string, check: () => boolean | Promise<boolean>): () => void {
    this.#checks.set(name, check);
    return () => {
      if (this.#checks.get(name) === check) this.#checks.delete(name);
    };
  }

  /** Asks every check; one that takes longer than `timeoutMs` counts as failed. */
  async report(timeoutMs = 2_000): Promise<{ ready: boolean; checks: Record<string, 'ok' | 'failed'> }> {
    const entries = await Promise.all(
      [...this.#checks].map(async ([name, check]): Promise<[string, 'ok' | 'failed']> => {
        const { promise: late, resolve } = Promise.withResolvers<boolean>();
        const timer = setTimeout(() => resolve(false), timeoutMs);
        try {
          return [name, (await Promise.race([Promise.resolve().then(check), late])) ? 'ok' : 'failed'];
        } catch {
          return [name, 'failed'];
        } finally {
          clearTimeout(timer);
        }
      }),
    );
    return { ready: entries.every(([, state]) => state === 'ok'), checks: Object.fromEntries(entries) };
  }
}

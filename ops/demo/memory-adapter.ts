/** What oidc-provider keeps of anything: codes, sessions, grants. */
type Payload = Record<string, unknown> & { uid?: string; grantId?: string; consumed?: number };

interface Entry {
  readonly payload: Payload;
  readonly expiresAtMs: number;
}

/** Far more than a demo has; beyond it the oldest is forgotten and its holder signs in again. */
const MAX_ENTRIES = 5_000;

/** oidc-provider's storage port in memory, for one issuer: bounded, and gone with the process. */
export const createMemoryAdapter = (now: () => number = Date.now) => {
  const entries = new Map<string, Entry>();

  const live = (key: string): Payload | undefined => {
    const entry = entries.get(key);
    if (entry === undefined || entry.expiresAtMs > now()) return entry?.payload;
    entries.delete(key);
    return undefined;
  };
  const findBy = (model: string, field: 'uid' | 'userCode', value: string): Payload | undefined => {
    for (const [key, { payload }] of entries) {
      if (key.startsWith(`${model}:`) && payload[field] === value) return live(key);
    }
    return undefined;
  };

  return (model: string) => ({
    upsert: async (id: string, payload: Payload, expiresInSeconds?: number): Promise<void> => {
      const key = `${model}:${id}`;
      entries.delete(key);
      const expiresAtMs = expiresInSeconds === undefined ? Number.POSITIVE_INFINITY : now() + expiresInSeconds * 1000;
      entries.set(key, { payload, expiresAtMs });
      const oldest = entries.keys().next();
      if (entries.size > MAX_ENTRIES && !oldest.done) entries.delete(oldest.value);
    },
    find: async (id: string) => live(`${model}:${id}`),
    findByUid: async (uid: string) => findBy(model, 'uid', uid),
    findByUserCode: async (userCode: string) => findBy(model, 'userCode', userCode),
    consume: async (id: string): Promise<void> => {
      const payload = live(`${model}:${id}`);
      if (payload !== undefined) payload.consumed = Math.floor(now() / 1000);
    },
    destroy: async (id: string): Promise<void> => {
      entries.delete(`${model}:${id}`);
    },
    revokeByGrantId: async (grantId: string): Promise<void> => {
      for (const [key, { payload }] of entries) if (payload.grantId === grantId) entries.delete(key);
    },
  });
};

/** STUN and TURN methods (RFC 8489 §18.2, RFC 8656 §17; those of RFC 6062 are known only to be refused). */
export const METHOD = {
  binding: 0x001,
  allocate: 0x003,
  refresh: 0x004,
  send: 0x006,
  data: 0x007,
  createPermission: 0x008,
  channelBind: 0x009,
  connect: 0x00a,
  connectionBind: 0x00b,
} as const;

/** Message classes (RFC 8489 §5). */
export const MESSAGE_CLASS = { request: 0, indication: 1, success: 2, error: 3 } as const;
export type MessageClass = (typeof MESSAGE_CLASS)[keyof typeof MESSAGE_CLASS];

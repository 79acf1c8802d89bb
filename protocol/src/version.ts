/** Major version of the signaling envelope and of the bus contracts. A change that an older peer cannot read raises it. */
export const PROTOCOL_VERSION = 1;

/** What passed and what did not, since the start. Plain numbers, for they are counted by packet. */
export interface RelayCounters {
  /** Refresh requests granted that let an allocation go on. */
  refreshes: number;
  packetsUp: number;
  bytesUp: number;
  packetsDown: number;
  bytesDown: number;
  /** Datagrams and frames that are no STUN, TURN or ChannelData, or have a wrong fingerprint. */
  malformed: number;
  /** ChannelData of no channel, data of a peer without permission, or for no allocation. */
  unbound: number;
  /** Data towards a peer that the policy does not allow. */
  forbidden: number;
  /** Data over the credential's bandwidth. */
  overRate: number;
  /** Answers withheld from an address that has shown no credential. */
  unanswered: number;
}

export const newCounters = (): RelayCounters => ({
  refreshes: 0,
  packetsUp: 0,
  bytesUp: 0,
  packetsDown: 0,
  bytesDown: 0,
  malformed: 0,
  unbound: 0,
  forbidden: 0,
  overRate: 0,
  unanswered: 0,
});

/** What one look at the statistics says of the path; counters are since the start of the transport. */
export interface PathSample {
  packetsReceived: number;
  packetsLost: number;
  /** Round trip in ms of the pair in use, where the browser tells it. */
  roundTripMs: number | undefined;
}

export type PathQuality = 'good' | 'weak';

const WEAK_LOSS = 0.08;
const WEAK_ROUND_TRIP_MS = 600;
/** Fewer packets than this say nothing about loss. */
const MIN_PACKETS = 20;

interface Stat {
  type: string;
  packetsReceived?: number;
  packetsLost?: number;
  state?: string;
  nominated?: boolean;
  currentRoundTripTime?: number;
}

/** Reads WebRTC statistics (W3C webrtc-stats: `inbound-rtp`, `remote-inbound-rtp`, `candidate-pair`). */
export const samplePath = (reports: Iterable<Iterable<[string, unknown]>>): PathSample => {
  const sample: PathSample = { packetsReceived: 0, packetsLost: 0, roundTripMs: undefined };
  for (const report of reports) {
    for (const [, value] of report) {
      const stat = value as Stat;
      if (stat.type === 'inbound-rtp') {
        sample.packetsReceived += stat.packetsReceived ?? 0;
        sample.packetsLost += Math.max(0, stat.packetsLost ?? 0);
      }
      if (stat.type === 'candidate-pair' && stat.state === 'succeeded' && stat.currentRoundTripTime !== undefined) {
        sample.roundTripMs = Math.max(sample.roundTripMs ?? 0, stat.currentRoundTripTime * 1_000);
      }
    }
  }
  return sample;
};

/** Quality between two looks at the same transport. */
export const qualityBetween = (before: PathSample, after: PathSample): PathQuality => {
  const received = after.packetsReceived - before.packetsReceived;
  const lost = after.packetsLost - before.packetsLost;
  if (received < 0 || lost < 0) return 'good';
  if (received + lost >= MIN_PACKETS && lost / (received + lost) > WEAK_LOSS) return 'weak';
  return (after.roundTripMs ?? 0) > WEAK_ROUND_TRIP_MS ? 'weak' : 'good';
};

/**
 * The way that sound and picture take: straight to the clinic's media server, or through its relay; the last word is
 * what the browser itself speaks. From the best to the last resort.
 */
export const MEDIA_PATHS = ['udp', 'tcp', 'relay-udp', 'relay-tcp', 'relay-tls'] as const;
export type MediaPath = (typeof MEDIA_PATHS)[number];

interface Stat {
  type: string;
  selectedCandidatePairId?: string;
  localCandidateId?: string;
  nominated?: boolean;
  state?: string;
  candidateType?: string;
  protocol?: string;
  relayProtocol?: string;
}

const isPath = (text: string): text is MediaPath => (MEDIA_PATHS as readonly string[]).includes(text);

/** `transport` names the pair in use; Firefox has no such entry and marks the pair. */
const pairOf = (report: ReadonlyMap<string, Stat>): Stat | undefined => {
  const stats = [...report.values()];
  const selected = stats.find(({ type, selectedCandidatePairId }) => type === 'transport' && selectedCandidatePairId);
  if (selected?.selectedCandidatePairId) return report.get(selected.selectedCandidatePairId);
  return stats.find(({ type, nominated, state }) => type === 'candidate-pair' && nominated && state === 'succeeded');
};

/** Reads WebRTC statistics (W3C webrtc-stats) of all transports; of several ways the worse. Undefined: none is chosen yet. */
export const mediaPathOf = (reports: Iterable<Iterable<[string, unknown]>>): MediaPath | undefined => {
  const found: MediaPath[] = [];
  for (const entries of reports) {
    const report = new Map(entries as Iterable<[string, Stat]>);
    const local = report.get(pairOf(report)?.localCandidateId ?? '');
    const path = local?.candidateType === 'relay' ? `relay-${local.relayProtocol ?? ''}` : (local?.protocol ?? '');
    if (isPath(path)) found.push(path);
  }
  return found.sort((one, other) => MEDIA_PATHS.indexOf(other) - MEDIA_PATHS.indexOf(one))[0];
};

/**
 * Times a join in the page, the same way for Bedside and for the bare page beside it: from the last click to the first
 * frame of somebody else's camera that a video element presents. It watches the browser's own interfaces and asks
 * nothing of the page; marks that the page sets itself (`performance.mark('join:…')`) are taken along.
 */
export interface JoinMark {
  readonly name: string;
  /** Ms after the click. */
  readonly atMs: number;
}

export interface JoinTimes {
  /** Ms from the click to the first remote frame. */
  readonly totalMs: number;
  readonly marks: readonly JoinMark[];
}

export interface JoinMeter {
  /** Resolves when a remote frame was seen after a click. */
  readonly done: Promise<JoinTimes>;
}

export const installJoinMeter = (): JoinMeter => {
  const remoteTracks = new WeakSet<MediaStreamTrack>();
  const marks = new Map<string, number>();
  const { promise: done, resolve } = Promise.withResolvers<JoinTimes>();
  let clickedAt: number | undefined;
  let finished = false;

  const mark = (name: string, at = performance.now()): void => {
    if (!finished && !marks.has(name)) marks.set(name, at);
  };
  addEventListener(
    'click',
    (event) => {
      clickedAt = event.timeStamp;
    },
    { capture: true },
  );

  const NativeSocket = WebSocket;
  window.WebSocket = class extends NativeSocket {
    constructor(...parameters: ConstructorParameters<typeof WebSocket>) {
      super(...parameters);
      mark('socket asked for');
      this.addEventListener('open', () => mark('socket open'));
      this.addEventListener('message', () => mark('first word of the server'));
    }
  };

  const NativePeer = RTCPeerConnection;
  window.RTCPeerConnection = class extends NativePeer {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      mark('first peer connection');
      this.addEventListener('track', ({ track }) => {
        mark(`remote ${track.kind} track`);
        remoteTracks.add(track);
      });
      this.addEventListener('icegatheringstatechange', () => mark('looks for its addresses'));
      this.addEventListener('icecandidate', ({ candidate }) => {
        if (candidate?.type === 'relay') mark('first relayed address');
      });
      this.addEventListener('iceconnectionstatechange', () => {
        if (this.iceConnectionState === 'connected') mark('first ICE connected');
      });
      this.addEventListener('connectionstatechange', () => {
        if (this.connectionState === 'connected') mark('first DTLS connected');
      });
    }
  };

  const finish = (): void => {
    if (finished || clickedAt === undefined) return;
    const start = clickedAt;
    mark('first remote frame');
    finished = true;
    for (const entry of performance.getEntriesByType('mark')) {
      if (entry.name.startsWith('join:')) marks.set(entry.name.slice(5), entry.startTime);
    }
    const timed = [...marks]
      .map(([name, at]) => ({ name, atMs: at - start }))
      .sort((one, other) => one.atMs - other.atMs);
    resolve({ totalMs: (marks.get('first remote frame') ?? start) - start, marks: timed });
  };
  const showsRemote = (video: HTMLVideoElement): boolean =>
    video.srcObject instanceof MediaStream && video.srcObject.getVideoTracks().some((track) => remoteTracks.has(track));
  const watched = new WeakSet<HTMLVideoElement>();
  const watch = ({ target }: Event): void => {
    if (!(target instanceof HTMLVideoElement) || watched.has(target) || !showsRemote(target)) return;
    watched.add(target);
    mark('video element has the track');
    target.requestVideoFrameCallback(finish);
  };
  // Events of media elements do not bubble, but they can be caught on their way down.
  for (const event of ['loadstart', 'loadedmetadata', 'resize', 'playing'])
    addEventListener(event, watch, { capture: true });
  return { done };
};

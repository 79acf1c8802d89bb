import { z } from 'zod';

/**
 * A page that calls itself: two peer connections that may use nothing but the relay, with a data channel between them.
 * `loopbackCall({url, username, credential})` answers with a `LoopbackResult`.
 */
export const LOOPBACK_PAGE = `<!doctype html><title>Loopback</title><script>
globalThis.loopbackCall = async ({ url, username, credential }) => {
  const make = () => new RTCPeerConnection({ iceTransportPolicy: 'relay', iceServers: [{ urls: [url], username, credential }] });
  const [caller, callee] = [make(), make()];
  const errors = [];
  const candidates = [];
  const startedAt = performance.now();
  caller.onicecandidateerror = ({ errorCode }) => errors.push(errorCode);
  caller.onicecandidate = ({ candidate }) => {
    if (!candidate || !candidate.candidate) return;
    candidates.push(candidate.type);
    callee.addIceCandidate(candidate);
  };
  callee.onicecandidate = ({ candidate }) => candidate && caller.addIceCandidate(candidate);
  const channel = caller.createDataChannel('probe');
  const echoed = new Promise((resolve) => {
    callee.ondatachannel = (event) => {
      event.channel.onmessage = ({ data }) => event.channel.send(data);
    };
    channel.onopen = () => channel.send('through the relay');
    channel.onmessage = ({ data }) => resolve(data);
    setTimeout(resolve, 10_000, 'nothing');
  });
  await caller.setLocalDescription();
  await callee.setRemoteDescription(caller.localDescription);
  await callee.setLocalDescription();
  await caller.setRemoteDescription(callee.localDescription);
  const message = await echoed;
  const openMs = performance.now() - startedAt;
  caller.close();
  callee.close();
  return { message, openMs, candidates, errors };
};
</script>`;

export const LoopbackResult = z.object({
  message: z.string(),
  openMs: z.number(),
  candidates: z.array(z.string()),
  errors: z.array(z.number()),
});
export type LoopbackResult = z.infer<typeof LoopbackResult>;
